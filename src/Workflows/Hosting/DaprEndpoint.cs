using System.Globalization;

namespace Castellan.Workflows.Hosting;

/// <summary>
/// The sidecar's address as Dapr's environment gives it: DAPR_GRPC_ENDPOINT (<c>https://host:port</c>, <c>http://…</c>, <c>host:port</c>,
/// <c>dns:host:port</c>, each with <c>?tls=true</c> or <c>false</c>), else DAPR_GRPC_PORT on this machine, else 50001; DAPR_API_TOKEN goes along.
/// </summary>
internal static class DaprEndpoint
{
    public const string Endpoint = "DAPR_GRPC_ENDPOINT";
    public const string Port = "DAPR_GRPC_PORT";
    public const string Token = "DAPR_API_TOKEN";
    private const int DefaultPort = 50001;

    /// <exception cref="FormatException">A setting is malformed; the message names it.</exception>
    public static TaskHubEndpoint From(Func<string, string?> setting)
    {
        var address = setting(Endpoint) is { Length: > 0 } endpoint ? Parse(endpoint) : new Uri($"http://127.0.0.1:{LocalPort(setting(Port))}");
        return new(address, null) { ApiToken = setting(Token) is { Length: > 0 } token ? token : null };
    }

    private static int LocalPort(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return DefaultPort;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException($"{Port} is '{text}'; set a port number");
    }

    private static Uri Parse(string text)
    {
        var rest = text;
        bool? tls = null;
        if (rest.IndexOf('?') is >= 0 and var query)
        {
            tls = rest[(query + 1)..] switch
            {
                "tls=true" => true,
                "tls=false" => false,
                _ => throw Malformed(text),
            };
            rest = rest[..query];
        }

        if (rest.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            tls ??= rest[..scheme] switch
            {
                "https" or "grpcs" => true,
                "http" or "grpc" or "dns" => false,
                _ => throw Malformed(text),
            };
            rest = rest[(scheme + 3)..];
        }
        else if (rest.StartsWith("dns:", StringComparison.Ordinal))
        {
            rest = rest[4..];
        }

        rest = rest.TrimEnd('/');
        rest = rest[(rest.LastIndexOf('/') + 1)..]; // dns://authority/host:port
        var hasPort = rest.LastIndexOf(':') > rest.LastIndexOf(']');
        var port = hasPort ? "" : tls == true ? ":443" : $":{DefaultPort}";
        return Uri.TryCreate($"{(tls == true || (tls is null && rest.EndsWith(":443", StringComparison.Ordinal)) ? "https" : "http")}://{rest}{port}", UriKind.Absolute, out var uri) && rest.Length > 0
            ? uri
            : throw Malformed(text);
    }

    private static FormatException Malformed(string text) =>
        new($"{Endpoint} is '{text}'; set https://host:port, http://host:port or host:port");
}
