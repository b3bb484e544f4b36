using System.Buffers.Text;
using System.Text.Json;

namespace Castellan.AgentGateway.Identity;

/// <summary>Reads when a bearer token ends. Only of tokens that the cluster has just called valid: nothing is believed here that it did not check.</summary>
internal static class LoginToken
{
    /// <summary>Claim <c>exp</c> of a JWT; null for tokens of another kind, which say nothing of themselves.</summary>
    internal static DateTimeOffset? ExpiryOf(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object && claims.RootElement.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 250_000_000_000))
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null; // a token with two dots that is no JWT
        }
    }
}
