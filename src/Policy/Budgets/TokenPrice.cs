using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>Prices of a model's tokens.</summary>
/// <param name="Input">Millionths of the currency's unit for a million tokens read.</param>
/// <param name="CachedInput">The same for tokens that the provider had in its cache.</param>
/// <param name="Output">The same for tokens written.</param>
public sealed record TokenPrice(long Input, long CachedInput, long Output)
{
    private const long PerTokens = 1_000_000;

    /// <summary>Nothing.</summary>
    public static TokenPrice Free { get; } = new(0, 0, 0);

    /// <summary>The prices of a model; null if they are not known.</summary>
    public static TokenPrice? Of(ModelConfigSpec model)
    {
        if (model.Price is not { } price) return model.Provider == ModelProvider.Runbook ? Free : null;
        return Money.Parse(price.InputPerMillion) is { } input && Money.Parse(price.OutputPerMillion) is { } output
            && (price.CachedInputPerMillion is { } cached ? Money.Parse(cached) : input) is { } cachedInput
            ? new TokenPrice(input, cachedInput, output)
            : null;
    }

    /// <summary>What tokens cost, in millionths of the currency's unit, rounded up.</summary>
    /// <param name="input">Tokens read, the cached ones among them.</param>
    /// <param name="cached">Those that were cached.</param>
    /// <param name="output">Tokens written.</param>
    public long Cost(long input, long cached, long output)
    {
        var total = (Int128)(input - cached) * Input + (Int128)cached * CachedInput + (Int128)output * Output;
        return (long)Int128.Min((total + PerTokens - 1) / PerTokens, long.MaxValue / 4);
    }
}
