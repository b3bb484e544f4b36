using System.Text;
using Castellan.Rpc.Wire.Hpack;

namespace Castellan.Rpc.Tests.Wire;

/// <summary>The examples of RFC 7541, appendix C, and what must not pass.</summary>
public sealed class HpackDecoderTests
{
    private const string First = ":method=GET :scheme=http :path=/ :authority=www.example.com";
    private const string Second = First + " cache-control=no-cache";
    private const string Third = ":method=GET :scheme=https :path=/index.html :authority=www.example.com custom-key=custom-value";

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key=custom-header")] // C.2.1
    [InlineData("040c2f73616d706c652f70617468", ":path=/sample/path")]
    [InlineData("100870617373776f726406736563726574", "password=secret")]
    [InlineData("82", ":method=GET")]
    public void Decode_OfOneField_IsRight(string block, string fields) => Assert.Equal(fields, Decode(new(), block));

    [Theory]
    [InlineData("828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865", "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565")] // C.3
    [InlineData("828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")] // C.4, Huffman
    public void Decode_OfThreeBlocks_KeepsTheTable(string first, string second, string third)
    {
        var decoder = new HpackDecoder();
        Assert.Equal([First, Second, Third], new[] { first, second, third }.Select(b => Decode(decoder, b)));
    }

    [Fact]
    public void Decode_OfTheLastStaticField_IsRight() => Assert.Equal("www-authenticate=", Decode(new(), "bd")); // 61

    [Theory]
    [InlineData("80")] // index 0
    [InlineData("be")] // index 62 of an empty table
    [InlineData("ff8080808080")] // an integer without end
    [InlineData("400a6375")] // a string that is cut off
    [InlineData("4083ffffff0161")] // the end mark inside a string
    [InlineData("408100")] // too short
    [InlineData("823f21")] // a resize behind a field
    [InlineData("3fe2ff7f")] // a table larger than announced
    public void Decode_WhenMalformed_Throws(string block) => Assert.Throws<HpackException>(() => Decode(new(), block));

    [Fact]
    public void Decode_WhenASmallBlockUnfoldsIntoALargeOne_Throws()
    {
        var decoder = new HpackDecoder();
        decoder.Decode([0x40, 1, (byte)'a', 0x7F, 0xA1, 0x1E, .. new byte[4000]]); // one field of 4,000 bytes
        Assert.Throws<HpackException>(() => decoder.Decode(Enumerable.Repeat((byte)0xBE, 100).ToArray()));
    }

    private static string Decode(HpackDecoder decoder, string block) =>
        string.Join(' ', decoder.Decode(Convert.FromHexString(block)).Select(f => $"{Encoding.ASCII.GetString(f.Name)}={Encoding.ASCII.GetString(f.Value)}"));
}
