using System.Security.Cryptography;
using System.Text;

namespace Castellan.AgentGateway.Calls;

/// <summary>Identities of calls and runs: short enough to type, wide enough never to meet.</summary>
internal static class CallIds
{
    // Crockford's alphabet: no i, l, o, u, so that a person can read an id aloud.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The call that is number <paramref name="sequence"/> of a run: always the same.</summary>
    internal static string OfRun(string runId, long sequence) => Of($"run\n{runId}\n{sequence}");

    /// <summary>The call that a principal gave a key of its own: always the same.</summary>
    internal static string OfKey(string principal, string key) => Of($"key\n{principal.Length}\n{principal}\n{key}");

    /// <summary>A new call, run or session: 80 random bits.</summary>
    internal static string New() => Encode(RandomNumberGenerator.GetBytes(10));

    private static string Of(string identity) => Encode(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 10));

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[16];
        for (var i = 0; i < 16; i++)
        {
            var bit = i * 5;
            var pair = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[(pair >> (11 - (bit % 8))) & 31];
        }

        return new string(text);
    }
}
