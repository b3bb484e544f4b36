using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Castellan.Policy.Guards;

/// <summary>Reads what is written in base64, if it is text, and reports what is found in it under the name of what it is, with <c>encoded-</c> before.</summary>
internal static class EncodedScan
{
    private const int Shortest = 32;
    private const int Longest = 256 * 1024;

    public static void Run(ReadOnlySpan<char> text, GuardKinds kinds, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Charset.Base64);
            if (next < 0) return;
            at += next;
            var length = Charset.Run(text, at, Charset.Base64);
            if (length >= Shortest && Decode(text.Slice(at, Math.Min(length, Longest))) is { } inner)
            {
                foreach (var finding in TextScan.Of(inner, kinds, isDecoded: true).DistinctBy(f => f.Name))
                {
                    found.Add(finding.Kind, $"encoded-{finding.Name}", at, length);
                }
            }
            at += length;
        }
    }

    private static string? Decode(ReadOnlySpan<char> run)
    {
        var plain = run.TrimEnd('=');
        plain = plain[..(plain.Length % 4 == 1 ? plain.Length - 1 : plain.Length)];
        var chars = ArrayPool<char>.Shared.Rent(plain.Length);
        var bytes = ArrayPool<byte>.Shared.Rent((plain.Length * 3 / 4) + 3);
        try
        {
            var url = chars.AsSpan(0, plain.Length);
            plain.CopyTo(url);
            url.Replace('+', '-');
            url.Replace('/', '_');
            // The first characters tell most data that is no text.
            if (!Base64Url.TryDecodeFromChars(url, bytes, out var written) || !IsText(bytes.AsSpan(0, Math.Min(written, 24)))) return null;
            return IsText(bytes.AsSpan(0, written)) ? Encoding.UTF8.GetString(bytes, 0, written) : null;
        }
        catch (FormatException)
        {
            return null;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Of Latin text nearly all bytes are letters and spaces. Of others most lie above 0x80, as half of random bytes do, which are no UTF-8.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var (odd, high) = (0, 0);
        foreach (var b in bytes)
        {
            if (b >= 0x80) high++;
            else if (b is < 0x20 and not (0x09 or 0x0A or 0x0D) or 0x7F) odd++;
        }
        return odd * 20 <= bytes.Length && (high * 4 <= bytes.Length || IsUtf8(bytes));
    }

    // The last character may be cut off.
    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        for (var cut = 0; cut < 4 && cut < bytes.Length; cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(bytes[..^cut])) return true;
        }
        return false;
    }
}
