using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Digests.Tests;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("""[ 1 , "x" , null , true ]""", """[1,"x",null,true]""")]
    [InlineData("""{"a":1.0,"b":1e2,"c":-0.0}""", """{"a":1,"b":100,"c":0}""")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    [InlineData("1E30", "1e+30")]
    [InlineData("4.50", "4.5")]
    [InlineData("2e-3", "0.002")]
    [InlineData("0.000000000000000000000000001", "1e-27")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("-123.456", "-123.456")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("18446744073709551616", "18446744073709551616")]
    [InlineData("[1.0, 100e-2, -0.0, -0, 123456.789]", "[1,1,0,0,123456.789]")]
    [InlineData(""" { "a" : [ 1 , 2 , [ ] , { } ] } """, """{"a":[1,2,[],{}]}""")]
    [InlineData("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")]
    public void Write_WhenValueHasOtherSpellings_WritesTheCanonicalOne(string json, string expected) =>
        Assert.Equal(expected, CanonicalJson.Write(JsonNode.Parse(json)));

    [Fact]
    public void Write_WhenKeysNeedUtf16Order_SortsByCodeUnits() =>
        Assert.Equal("{\"\\r\":1,\"1\":2,\"\u0080\":3,\"\u00f6\":4,\"\u20ac\":5,\"\ud83d\ude00\":6,\"\ufb33\":7}",
            CanonicalJson.Write(JsonNode.Parse("{\"\u20ac\":5,\"\\r\":1,\"\ufb33\":7,\"1\":2,\"\ud83d\ude00\":6,\"\u0080\":3,\"\u00f6\":4}")));

    [Fact]
    public void Write_WhenMemberRepeats_Throws()
    {
        using var document = JsonDocument.Parse("""{"a":1,"a":2}""");
        Assert.Contains("'a' appears twice", Assert.Throws<FormatException>(() => CanonicalJson.Write(document.RootElement)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Digest_WhenOnlyOrderDiffers_IsTheSame() =>
        Assert.Equal(CanonicalJson.Digest(JsonNode.Parse("""{"a":1,"b":[1.0]}""")), CanonicalJson.Digest(JsonNode.Parse("""{"b":[1],"a":1}""")));

    [Fact]
    public void Digest_WhenLargeIntegersDiffer_Differs() =>
        Assert.NotEqual(CanonicalJson.Digest(JsonNode.Parse("9007199254740993")), CanonicalJson.Digest(JsonNode.Parse("9007199254740992")));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("""["a","b"]""", """["b","a"]""")]
    public void Digest_WhenAValueDiffers_Differs(string a, string b) => Assert.NotEqual(CanonicalJson.Digest(Element(a)), CanonicalJson.Digest(Element(b)));

    [Fact]
    public void Digest_WhenTheEmptyObjectIsGiven_IsItsSha256() =>
        Assert.Equal("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", CanonicalJson.Digest(Element("{}")));

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":{"b":1,"c":2,"b":3}}""")]
    [InlineData("[1e999]")]
    [InlineData("[\"\\ud800\"]")]
    [InlineData("""{"\udc00":1}""")]
    public void Digest_WhenTheJsonHasNoCanonicalForm_Throws(string json) => Assert.Throws<FormatException>(() => CanonicalJson.Digest(Element(json)));

    [Fact]
    public void Digest_WhenANumberIsEndless_Throws() => Assert.Throws<FormatException>(() => CanonicalJson.Digest(Element(new string('9', 401))));

    private static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement;
}
