using System.Text;

namespace Castellan.Rpc.Wire.Hpack;

/// <summary>A header field.</summary>
internal readonly record struct HpackField(byte[] Name, byte[] Value)
{
    /// <summary>What it counts for in tables and limits (RFC 7541, 4.1).</summary>
    public int Size => Name.Length + Value.Length + 32;
}

/// <summary>Decodes the header blocks of one connection.</summary>
/// <remarks>Source: RFC 7541. Bounded: a small block that unfolds into a large one ends the connection.</remarks>
internal sealed class HpackDecoder
{
    private const int TableBytes = 4096; // what Kestrel announces
    private const int LongestBlock = 32 << 10;

    private static readonly HpackField[] s_static = [.. """
        :authority||:method|GET|:method|POST|:path|/|:path|/index.html|:scheme|http|:scheme|https|:status|200|:status|204|:status|206|:status|304|:status|400
        |:status|404|:status|500|accept-charset||accept-encoding|gzip, deflate|accept-language||accept-ranges||accept||access-control-allow-origin||age||allow|
        |authorization||cache-control||content-disposition||content-encoding||content-language||content-length||content-location||content-range||content-type|
        |cookie||date||etag||expect||expires||from||host||if-match||if-modified-since||if-none-match||if-range||if-unmodified-since||last-modified||link|
        |location||max-forwards||proxy-authenticate||proxy-authorization||range||referer||refresh||retry-after||server||set-cookie|
        |strict-transport-security||transfer-encoding||user-agent||vary||via||www-authenticate|
        """.ReplaceLineEndings("").Split('|').Select(Encoding.ASCII.GetBytes).Chunk(2).Select(pair => new HpackField(pair[0], pair[1]))];

    private readonly List<HpackField> _dynamic = []; // the newest last
    private int _size;
    private int _capacity = TableBytes;

    /// <summary>Decodes one block.</summary>
    /// <exception cref="HpackException">The block is malformed or unfolds into more than 32 KiB.</exception>
    public IReadOnlyList<HpackField> Decode(ReadOnlySpan<byte> block)
    {
        var fields = new List<HpackField>(16);
        var total = 0;
        while (!block.IsEmpty)
        {
            if ((block[0] & 0xE0) == 0x20)
            {
                Resize(Integer(ref block, 5), isFirst: fields.Count == 0);
                continue;
            }

            var field = Field(ref block);
            fields.Add(field);
            if ((total += field.Size) > LongestBlock)
            {
                throw new HpackException($"a header block is longer than {LongestBlock} bytes");
            }
        }

        return fields;
    }

    private HpackField Field(ref ReadOnlySpan<byte> block)
    {
        if (block[0] >= 0x80)
        {
            return At(Integer(ref block, 7));
        }

        var isIndexed = (block[0] & 0x40) != 0;
        var index = Integer(ref block, isIndexed ? 6 : 4);
        var name = index == 0 ? String(ref block) : At(index).Name;
        var field = new HpackField(name, String(ref block));
        if (isIndexed)
        {
            Add(field);
        }

        return field;
    }

    private HpackField At(int index)
    {
        if (index >= 1 && index <= s_static.Length)
        {
            return s_static[index - 1];
        }

        var position = _dynamic.Count - (index - s_static.Length);
        return index > s_static.Length && position >= 0 ? _dynamic[position] : throw new HpackException($"header index {index} is not in the table");
    }

    private void Add(HpackField field)
    {
        Evict(Math.Max(0, _capacity - field.Size));
        if (field.Size <= _capacity)
        {
            _dynamic.Add(field);
            _size += field.Size;
        }
    }

    private void Resize(int capacity, bool isFirst)
    {
        _capacity = isFirst && capacity <= TableBytes ? capacity : throw new HpackException($"the header table may not be resized to {capacity} here");
        Evict(capacity);
    }

    private void Evict(int size)
    {
        var gone = 0;
        while (_size > size)
        {
            _size -= _dynamic[gone++].Size;
        }

        _dynamic.RemoveRange(0, gone);
    }

    private static int Integer(ref ReadOnlySpan<byte> block, int bits)
    {
        var most = (1 << bits) - 1;
        var value = Octet(ref block) & most;
        if (value < most)
        {
            return value;
        }

        for (var shift = 0; shift <= 21; shift += 7)
        {
            var octet = Octet(ref block);
            value += (octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }

        throw new HpackException("an integer of a header block is too large");
    }

    private static byte[] String(ref ReadOnlySpan<byte> block)
    {
        var isHuffman = !block.IsEmpty && block[0] >= 0x80;
        var length = Integer(ref block, 7);
        if (length > block.Length)
        {
            throw new HpackException("a header block ends inside a string");
        }

        var text = block[..length];
        block = block[length..];
        return isHuffman ? HpackHuffman.Decode(text) : text.ToArray();
    }

    private static byte Octet(ref ReadOnlySpan<byte> block)
    {
        var octet = block.IsEmpty ? throw new HpackException("a header block ends too early") : block[0];
        block = block[1..];
        return octet;
    }
}
