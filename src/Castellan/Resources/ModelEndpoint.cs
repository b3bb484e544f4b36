using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Resources;

/// <summary>Where a provider's own clients would look for it: in the environment. Null leaves the provider's usual address.</summary>
internal static class ModelEndpoint
{
    /// <summary>As OpenAI's clients read it: up to and with the version, for example <c>https://llm.example.com/v1</c>.</summary>
    public const string OpenAIVariable = "OPENAI_BASE_URL";

    /// <summary>As Ollama's client reads it: host, host:port or a URL; port 11434 unless a scheme or a port says otherwise.</summary>
    public const string OllamaVariable = "OLLAMA_HOST";

    private const int OllamaPort = 11434;

    /// <summary>The base URL up to and without <c>/chat/completions</c>.</summary>
    /// <exception cref="CommandFailure">The variable holds no http or https URL, or a password.</exception>
    public static string? Of(ModelProvider provider, Func<string, string?> variable) => provider switch
    {
        ModelProvider.OpenAI when Trimmed(variable, OpenAIVariable) is { } url => Checked(OpenAIVariable, url, url),
        ModelProvider.Ollama when Trimmed(variable, OllamaVariable) is { } host => Checked(OllamaVariable, host, OllamaUrl(host)),
        _ => null,
    };

    private static string? Trimmed(Func<string, string?> variable, string name) => variable(name)?.Trim().TrimEnd('/') is { Length: > 0 } value ? value : null;

    // A server listens on 0.0.0.0 or [::]; a client that was given the same variable means this machine.
    private static string OllamaUrl(string host)
    {
        if (host.Contains("://", StringComparison.Ordinal))
        {
            return $"{host}/v1";
        }
        var any = Uri.TryCreate($"http://{host}", UriKind.Absolute, out var url) && url.Host is "0.0.0.0" or "[::]" or "::";
        var name = any ? "127.0.0.1" : url?.Host ?? host;
        var hasPort = url is not null && host.EndsWith($":{url.Port}", StringComparison.Ordinal);
        return $"http://{name}:{(hasPort ? url!.Port : OllamaPort)}/v1";
    }

    // The URL ends up in a ModelConfig, which everybody may read: no place for a password.
    private static string Checked(string variable, string given, string url) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.Host.Length == 0
            ? throw new CommandFailure($"{variable} is '{given}', which is no http or https address", $"for example {variable}={(variable == OllamaVariable ? "127.0.0.1:11434" : "https://api.openai.com/v1")}", ExitCode.Usage)
            : parsed.UserInfo.Length > 0
                ? throw new CommandFailure($"{variable} holds a user name or password", $"take it out of the address and give the key in {ModelOverride.KeyVariable}", ExitCode.Usage)
                : url;
}
