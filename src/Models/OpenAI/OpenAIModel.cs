using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Models.OpenAI;

/// <summary>A model behind chat completions.</summary>
internal sealed record OpenAIModel
{
    private static readonly Uri OpenAIUrl = new("https://api.openai.com/v1");
    private static readonly Uri OllamaUrl = new("http://127.0.0.1:11434/v1");

    /// <summary>The provider's name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Up to and without <c>/chat/completions</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>True for OpenAI itself, whose newest parameter names compatible servers often do not know.</summary>
    public bool IsOpenAI { get; init; }

    /// <summary>Sampling parameters that the caller did not set.</summary>
    public ModelParameters? Parameters { get; init; }

    /// <summary>Longest time for one attempt.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most attempts.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>A longer wait between attempts is left to the caller.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <exception cref="ModelRefusedException">The base URL is missing or no URL.</exception>
    public static OpenAIModel Of(ModelConfigSpec spec) => new()
    {
        Name = spec.Model,
        BaseUrl = spec.BaseUrl is { } url ? Parse(url) : spec.Provider switch
        {
            ModelProvider.OpenAI => OpenAIUrl,
            ModelProvider.Ollama => OllamaUrl,
            _ => throw new ModelRefusedException($"provider {spec.Provider} has no baseUrl", "set spec.baseUrl of the ModelConfig"),
        },
        IsOpenAI = spec.Provider == ModelProvider.OpenAI,
        Parameters = spec.Parameters,
    };

    private static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? parsed
            : throw new ModelRefusedException($"baseUrl '{url}' is no http or https URL", "correct spec.baseUrl of the ModelConfig");
}
