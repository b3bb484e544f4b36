using System.Buffers;
using System.Globalization;
using System.Text;

namespace Castellan.AgentGateway.Remote;

/// <summary>
/// Takes a credential out of what a server that was shown it says: servers that echo requests, in a description, a result or an error, would else
/// show it to models and people. It is found as it is and as JSON may write it; what a server disguises on purpose is not.
/// </summary>
/// <param name="credential">What to look for; see <see cref="CanMask"/>.</param>
internal sealed class CredentialMask(string credential)
{
    internal const int Shortest = 8;
    internal const int Longest = 4096;

    private readonly byte[] _credential = Encoding.ASCII.GetBytes(credential);

    /// <summary>True for what is long enough not to be part of ordinary text, and can stand in a header.</summary>
    internal static bool CanMask(string credential) => credential.Length is >= Shortest and <= Longest && credential.All(c => c is > ' ' and <= '~');

    /// <summary>A line of text or JSON without the credential.</summary>
    internal ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> line)
    {
        var text = line.Span;
        if (text.IndexOf(_credential) < 0 && !text.Contains((byte)'\\'))
        {
            return line;
        }

        var output = new ArrayBufferWriter<byte>(line.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = MatchAt(text[at..]);
            if (length > 0)
            {
                output.Write("***"u8);
            }
            else
            {
                length = Math.Min(text[at] == '\\' ? 2 : 1, text.Length - at); // an escape is one character
                output.Write(text.Slice(at, length));
            }

            at += length;
        }

        return output.WrittenMemory;
    }

    /// <summary>How many bytes the credential takes here; 0 if it is not here.</summary>
    private int MatchAt(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith(_credential))
        {
            return _credential.Length;
        }

        var at = 0;
        foreach (var wanted in _credential)
        {
            var (found, length) = CharacterAt(text[at..]);
            if (found != wanted)
            {
                return 0;
            }

            at += length;
        }

        return at;
    }

    /// <summary>A character of a JSON string and how many bytes it takes.</summary>
    private static (int Character, int Length) CharacterAt(ReadOnlySpan<byte> text) => text switch
    {
        [] => (-1, 0),
        [(byte)'\\', (byte)'u', _, _, _, _, ..] when int.TryParse(text.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => (code, 6),
        [(byte)'\\', (byte)'"' or (byte)'/' or (byte)'\\', ..] => (text[1], 2),
        [(byte)'\\', ..] => (-1, 1),
        _ => (text[0], 1),
    };
}
