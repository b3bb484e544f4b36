using System.Buffers;
using System.Buffers.Text;

namespace Castellan.SpiffeIdentity;

/// <summary>
/// Base64url as RFC 7515 has it: the alphabet only, and one text per value. The platform's decoder also takes padding, <c>%</c>,
/// white space and stray bits behind the last byte.
/// </summary>
internal static class StrictBase64Url
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static readonly SearchValues<char> s_alphabet = SearchValues.Create(Alphabet);

    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.ContainsAnyExcept(s_alphabet) || text.Length % 4 == 1 || HasStrayBits(text))
        {
            return false;
        }

        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.TryDecodeFromChars(text, buffer, out var written))
        {
            return false;
        }

        bytes = buffer[..written];
        return true;
    }

    /// <summary>Two characters carry 4 bits too many, three carry 2; a writer leaves them zero (RFC 4648, 3.5).</summary>
    private static bool HasStrayBits(ReadOnlySpan<char> text) => (text.Length % 4) switch
    {
        2 => (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & 0xF) != 0,
        3 => (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & 0x3) != 0,
        _ => false,
    };
}
