using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Budgets;

/// <summary>How many tokens a model call can use at most, guessed before it is made: more rather than less.</summary>
/// <param name="Input">Tokens read.</param>
/// <param name="Output">Tokens written.</param>
internal readonly record struct TokenEstimate(long Input, int Output)
{
    /// <summary>What a model is asked to write at most when neither its ModelConfig nor anybody else says so.</summary>
    internal const int DefaultMaxOutputTokens = 8192;

    // English has about four bytes a token, Chinese about three, digits and code two to three.
    private const int BytesPerToken = 2;

    internal static TokenEstimate Of(ModelConfigSpec? model, ModelCall call)
    {
        if (model?.Provider == ModelProvider.Runbook)
        {
            return default; // it uses none
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(call, GatewayJson.Options).LongLength;
        return new TokenEstimate((bytes + BytesPerToken - 1) / BytesPerToken, model?.Parameters?.MaxOutputTokens ?? DefaultMaxOutputTokens);
    }

    internal long Total => Input + Output;

    internal long Cost(TokenPrice? price) => price?.Cost(Input, price.CachedInput > price.Input ? Input : 0, Output) ?? 0;
}
