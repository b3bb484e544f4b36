using System.Diagnostics;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Telemetry;
using Castellan.Telemetry.Tracing;

namespace Castellan.AgentGateway.Tracing;

/// <summary>What only the ModelConfig knows about a model call.</summary>
internal static class ModelSpans
{
    /// <summary>Adds provider and model to the call's span, which is the one that is open.</summary>
    internal static void Describe(ModelConfigSpec config)
    {
        if (Activity.Current is { IsAllDataRequested: true, Source.Name: TraceSources.Gateway } span)
        {
            span.SetTag(SemanticNames.Provider, ProviderOf(config)).SetTag(SemanticNames.RequestModel, config.Model);
        }
    }

    /// <summary>The provider in the words of the conventions, or in words of ours where they have none.</summary>
    internal static string ProviderOf(ModelConfigSpec config) => config.Provider switch
    {
        ModelProvider.OpenAI => "openai",
        ModelProvider.OpenAICompatible => "openai_compatible",
        ModelProvider.Ollama => "ollama",
        ModelProvider.Runbook => "castellan.runbook",
        _ => config.Provider.ToString().ToLowerInvariant(),
    };
}
