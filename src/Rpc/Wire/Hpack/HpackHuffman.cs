namespace Castellan.Rpc.Wire.Hpack;

/// <summary>The Huffman code of header strings. It is canonical, so that the lengths of the 257 codes are the whole table.</summary>
/// <remarks>Source: RFC 7541, section 5.2 and appendix B.</remarks>
internal static class HpackHuffman
{
    private const int LongestCode = 30;
    private const int EndOfString = 256;

    private static readonly byte[] s_lengths =
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    private static readonly int[] s_first = new int[LongestCode + 1];
    private static readonly int[] s_offset = new int[LongestCode + 1];
    private static readonly int[] s_count = new int[LongestCode + 1];
    private static readonly int[] s_symbols = [.. Enumerable.Range(0, s_lengths.Length).OrderBy(i => s_lengths[i]).ThenBy(i => i)];

    static HpackHuffman()
    {
        foreach (var length in s_lengths)
        {
            s_count[length]++;
        }

        var (code, offset) = (0, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            code <<= 1;
            (s_first[length], s_offset[length]) = (code, offset);
            code += s_count[length];
            offset += s_count[length];
        }
    }

    /// <summary>Decodes a string.</summary>
    /// <exception cref="HpackException">A code is none, the end mark stands inside, or the padding is wrong.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> encoded)
    {
        var output = new List<byte>(encoded.Length * 8 / 5);
        var (code, length, isPadding) = (0, 0, true);
        foreach (var octet in encoded)
        {
            for (var at = 7; at >= 0; at--)
            {
                var bit = (octet >> at) & 1;
                code = (code << 1) | bit;
                isPadding &= bit == 1;
                if (++length > LongestCode)
                {
                    throw new HpackException("a header string holds no Huffman code");
                }

                var index = code - s_first[length];
                if (index >= s_count[length])
                {
                    continue;
                }

                var symbol = s_symbols[s_offset[length] + index];
                output.Add(symbol != EndOfString ? (byte)symbol : throw new HpackException("the end mark stands inside a header string"));
                (code, length, isPadding) = (0, 0, true);
            }
        }

        return length <= 7 && isPadding ? [.. output] : throw new HpackException("a header string ends inside a Huffman code");
    }
}
