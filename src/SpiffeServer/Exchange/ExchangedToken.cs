using System.Text.Json.Serialization;

namespace Castellan.SpiffeServer.Exchange;

/// <summary>The answer to a successful exchange (RFC 8693, section 2.2.1).</summary>
internal sealed record ExchangedToken(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("issued_token_type")] string IssuedTokenType,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] long ExpiresIn)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => $"{IssuedTokenType} for {ExpiresIn} s";
}

/// <summary>The answer to a refused one (RFC 6749, section 5.2).</summary>
internal sealed record ExchangeError([property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description);
