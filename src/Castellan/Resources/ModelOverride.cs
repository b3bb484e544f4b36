using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;

namespace Castellan.Cli.Resources;

/// <summary>The model that <c>up --model</c> asked for: <c>apply</c> puts it in place of a runbook, so that the examples run with it as they are.</summary>
/// <param name="Provider">Who answers.</param>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="BaseUrl">Where, up to and without <c>/chat/completions</c>; null for the provider's usual address.</param>
internal sealed record ModelOverride(ModelProvider Provider, string Model, string? BaseUrl = null)
{
    /// <summary>Secret in namespace default that <c>up</c> fills from OPENAI_API_KEY.</summary>
    public const string KeySecret = "castellan-model-key";

    /// <summary>Namespace of <see cref="KeySecret"/>: a model's key must lie in the model's own.</summary>
    public const string KeyNamespace = "default";

    /// <summary>Key within <see cref="KeySecret"/>.</summary>
    public const string KeyName = "api-key";

    /// <summary>Environment variable that holds OpenAI's key.</summary>
    public const string KeyVariable = "OPENAI_API_KEY";

    /// <summary>True if the provider answers nobody without a key.</summary>
    public bool NeedsKey => Provider == ModelProvider.OpenAI;

    /// <param name="text">What stood behind <c>--model</c>.</param>
    /// <param name="variable">Reads the environment: the key's presence and the provider's address.</param>
    /// <exception cref="CommandFailure">Not <c>ollama:NAME</c> or <c>openai:NAME</c>, the key is missing, or the address is none.</exception>
    public static ModelOverride Parse(string text, Func<string, string?> variable)
    {
        var (provider, model) = text.Split(':', 2) is [var p, { Length: > 0 } m] ? (p, m) : ("", "");
        var known = provider switch
        {
            "ollama" => ModelProvider.Ollama,
            "openai" when !string.IsNullOrWhiteSpace(variable(KeyVariable)) => ModelProvider.OpenAI,
            "openai" => throw new CommandFailure($"--model {text} needs a key in {KeyVariable}", $"export {KeyVariable} and start again"),
            _ => throw new CommandFailure($"--model '{text}' is neither ollama:NAME nor openai:NAME", "for example --model ollama:qwen3", ExitCode.Usage),
        };
        return new(known, model, ModelEndpoint.Of(known, variable));
    }

    /// <summary>What the daemon that runs on these paths was started with; null for runbooks.</summary>
    public static ModelOverride? OfRunning(StatePaths paths) => DaemonState.ReadRunning(paths)?.Model;

    /// <summary>The object to apply instead; the same one unless it is a runbook model.</summary>
    public ManifestObject Apply(ManifestObject item, TextWriter output)
    {
        if (item.Kind != nameof(ModelConfig) || !item.ApiVersion.StartsWith($"{ApiGroup.Name}/", StringComparison.Ordinal)
            || (string?)item.Object["spec"]?["provider"] != nameof(ModelProvider.Runbook))
        {
            return item;
        }
        if (NeedsKey && (item.Namespace ?? KeyNamespace) != KeyNamespace)
        {
            output.WriteLine($"modelconfig/{item.Name}: keeps its runbook, because the key of 'up --model' is in namespace {KeyNamespace} alone");
            return item;
        }
        output.WriteLine($"modelconfig/{item.Name}: {this} in place of its runbook, as 'up --model' asked");
        var changed = (JsonObject)item.Object.DeepClone();
        var spec = new JsonObject { ["provider"] = Provider.ToString(), ["model"] = Model };
        if (BaseUrl is not null)
        {
            spec["baseUrl"] = BaseUrl;
        }
        if (NeedsKey)
        {
            spec["apiKey"] = new JsonObject { ["name"] = KeySecret, ["key"] = KeyName };
        }
        changed["spec"] = spec;
        return item with { Object = changed };
    }

    public override string ToString() => BaseUrl is null ? $"{Provider}/{Model}" : $"{Provider}/{Model} at {BaseUrl}";
}
