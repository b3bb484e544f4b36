using System.Net;

namespace Castellan.AgentGateway.Audit;

/// <summary>What an operator may set about the audit log, section <c>Gateway:Audit</c>.</summary>
public sealed class AuditSettings
{
    private const string Section = "Gateway:Audit";

    /// <summary>URL to which records are sent as OpenTelemetry logs (OTLP/HTTP, JSON), for example <c>https://collector:4318/v1/logs</c>; empty sends none.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>File with a bearer token for the collector, read for each request; empty sends none.</summary>
    public string OtlpTokenFile { get; set; } = "";

    /// <summary>Whether denied calls are told as Kubernetes Events on their agents.</summary>
    public bool DenialEvents { get; set; } = true;

    /// <summary>How many days the texts of records are kept: 1 to 36500; 0 keeps them for ever. Hashes are kept for ever either way.</summary>
    public int RetentionDays { get; set; }

    internal IEnumerable<string> Faults()
    {
        if (OtlpEndpoint.Length > 0 && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && IsLoopback(url)))))
        {
            yield return $"{Section}:{nameof(OtlpEndpoint)} is '{OtlpEndpoint}'; set an https URL, or an http URL of this machine (127.0.0.1)";
        }

        if (RetentionDays is < 0 or > 36500)
        {
            yield return $"{Section}:{nameof(RetentionDays)} is {RetentionDays}; set 0 (for ever) to 36500";
        }
    }

    private static bool IsLoopback(Uri url) => url.IsLoopback && (url.HostNameType == UriHostNameType.Dns || IPAddress.IsLoopback(IPAddress.Parse(url.Host.Trim('[', ']'))));
}
