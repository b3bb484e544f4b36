using System.Security.Cryptography;
using System.Text;
using ModelContextProtocol;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>State that travels through the client between rounds; a changed one is noticed.</summary>
internal static class SignedState
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    public static string Of(string text) => $"{text}.{Convert.ToHexString(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(text)))}";

    /// <exception cref="McpProtocolException">The state is not one of ours.</exception>
    public static string Read(string? state)
    {
        var end = state?.LastIndexOf('.') ?? -1;
        return end > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state!), Encoding.UTF8.GetBytes(Of(state![..end])))
            ? state[..end]
            : throw new McpProtocolException("requestState was changed on its way; start again without it", McpErrorCode.InvalidParams);
    }
}
