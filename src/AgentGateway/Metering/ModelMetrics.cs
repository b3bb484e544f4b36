using System.Diagnostics;
using System.Diagnostics.Metrics;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tracing;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;
using Microsoft.Extensions.AI;

namespace Castellan.AgentGateway.Metering;

/// <summary>What a model took: time and tokens, as the conventions for GenAI clients have it.</summary>
internal static class ModelMetrics
{
    private static readonly Histogram<double> Duration = CastellanMeter.Histogram(MetricTable.ModelDuration);
    private static readonly Histogram<double> Tokens = CastellanMeter.Histogram(MetricTable.ModelTokens);

    internal static async Task<ChatResponse> MeasureAsync(ModelConfigSpec config, Func<Task<ChatResponse>> ask)
    {
        if (!Duration.Enabled)
        {
            return await ask();
        }

        var began = Stopwatch.GetTimestamp();
        try
        {
            var response = await ask();
            Answered(config, response, Stopwatch.GetElapsedTime(began).TotalSeconds);
            return response;
        }
        catch (Exception e)
        {
            var tags = TagsOf(config);
            tags.Add(SemanticNames.ErrorType, e is OperationCanceledException ? "timeout" : e.GetType().Name);
            Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, tags);
            throw;
        }
    }

    private static void Answered(ModelConfigSpec config, ChatResponse response, double seconds)
    {
        var tags = TagsOf(config);
        if (response.ModelId is { } model)
        {
            tags.Add(SemanticNames.ResponseModel, model);
        }

        Duration.Record(seconds, tags);
        Count(response.Usage?.InputTokenCount, "input", tags);
        Count(response.Usage?.OutputTokenCount, "output", tags);
    }

    private static void Count(long? tokens, string type, TagList tags)
    {
        if (tokens is { } count)
        {
            tags.Add(SemanticNames.TokenType, type);
            Tokens.Record(count, tags);
        }
    }

    private static TagList TagsOf(ModelConfigSpec config) => new()
    {
        { SemanticNames.Operation, "chat" }, { SemanticNames.Provider, ModelSpans.ProviderOf(config) }, { SemanticNames.RequestModel, config.Model },
    };
}
