using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;

namespace Castellan.Cli.Resources;

/// <summary>The model that <c>up --model</c> asked for: <c>apply</c> puts it in place of a runbook, so that the examples run with it as they are.</summary>
/// <param name="Provider">Who answers.</param>
/// <param name="Model">The provider's name of the model.</param>
internal sealed record ModelOverride(ModelProvider Provider, string Model)
{
    /// <summary>Secret in namespace default that <c>up</c> fills from OPENAI_API_KEY.</summary>
    public const string KeySecret = "castellan-model-key";

    /// <summary>Key within <see cref="KeySecret"/>.</summary>
    public const string KeyName = "api-key";

    /// <summary>Environment variable that holds OpenAI's key.</summary>
    public const string KeyVariable = "OPENAI_API_KEY";

    /// <exception cref="CommandFailure">Not <c>ollama:NAME</c> or <c>openai:NAME</c>, or the key is missing.</exception>
    public static ModelOverride Parse(string text)
    {
        var (provider, model) = text.Split(':', 2) is [var p, { Length: > 0 } m] ? (p, m) : ("", "");
        return provider switch
        {
            "ollama" => new(ModelProvider.Ollama, model),
            "openai" when Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } => new(ModelProvider.OpenAI, model),
            "openai" => throw new CommandFailure($"--model {text} needs a key in {KeyVariable}", $"export {KeyVariable} and start again"),
            _ => throw new CommandFailure($"--model '{text}' is neither ollama:NAME nor openai:NAME", "for example --model ollama:qwen3", ExitCode.Usage),
        };
    }

    public static ModelOverride? OfRunning(StatePaths paths) => DaemonState.ReadRunning(paths)?.Model is { } model && model.Split(':', 2) is [var provider, var name]
        ? new(provider == "ollama" ? ModelProvider.Ollama : ModelProvider.OpenAI, name)
        : null;

    /// <summary>The object to apply instead; the same one unless it is a runbook model.</summary>
    public ManifestObject Apply(ManifestObject item, TextWriter output)
    {
        if (item.Kind != nameof(ModelConfig) || !item.ApiVersion.StartsWith($"{ApiGroup.Name}/", StringComparison.Ordinal)
            || (string?)item.Object["spec"]?["provider"] != nameof(ModelProvider.Runbook))
        {
            return item;
        }
        output.WriteLine($"modelconfig/{item.Name}: {Provider}/{Model} in place of its runbook, as 'up --model' asked");
        var changed = (JsonObject)item.Object.DeepClone();
        var spec = new JsonObject { ["provider"] = Provider.ToString(), ["model"] = Model };
        if (Provider == ModelProvider.OpenAI)
        {
            spec["apiKey"] = new JsonObject { ["name"] = KeySecret, ["key"] = KeyName };
        }
        changed["spec"] = spec;
        return item with { Object = changed };
    }
}
