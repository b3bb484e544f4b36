using System.Text.Json;

namespace Castellan.Policy.Tests.Digests;

public sealed class ArgumentDigestTests
{
    [Theory]
    [InlineData("""{"b":1,"a":{"d":null,"c":true}}""", """{"a":{"c":true,"d":null},"b":1}""")]
    [InlineData(""" { "a" : [ 1 , 2 , [ ] , { } ] } """, """{"a":[1,2,[],{}]}""")]
    [InlineData(""" "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/" """, """
        "€$\u000f\nA'B\"\\\\\"/"
        """)]
    [InlineData("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]", "[333333333.3333333,1e+30,4.5,0.002,1e-27]")]
    [InlineData("[1.0, 100e-2, -0.0, -0, 1e21, 1e20, 0.000001, 1e-7, 123456.789]", "[1,1,0,0,1e+21,100000000000000000000,0.000001,1e-7,123456.789]")]
    [InlineData("[9007199254740993, 9007199254740992, 18446744073709551616]", "[9007199254740993,9007199254740992,18446744073709551616]")]
    [InlineData("""{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}""", "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}")]
    public void CanonicalJson_WhenWritten_HasOneForm(string json, string expected) => Assert.Equal(expected.Trim(), CanonicalJson.Write(Given.Json(json)));

    [Fact]
    public void Of_WhenOnlyBlanksAndOrderDiffer_IsTheSame() =>
        Assert.Equal(ArgumentDigest.Of(Given.Json("""{"a":1,"b":"x"}""")), ArgumentDigest.Of(Given.Json("""{ "b": "x", "a": 1.0 }""")));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":9007199254740993}""", """{"a":9007199254740992}""")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("""["a","b"]""", """["b","a"]""")]
    public void Of_WhenAValueDiffers_Differs(string a, string b) => Assert.NotEqual(ArgumentDigest.Of(Given.Json(a)), ArgumentDigest.Of(Given.Json(b)));

    [Fact]
    public void Of_WhenTheEmptyObjectIsGiven_IsItsSha256() =>
        Assert.Equal("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", ArgumentDigest.Of(Given.Json("{}")));

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":{"b":1,"c":2,"b":3}}""")]
    [InlineData("[1e999]")]
    public void Of_WhenTheJsonHasNoCanonicalForm_Throws(string json) => Assert.Throws<FormatException>(() => ArgumentDigest.Of(Given.Json(json)));

    [Fact]
    public void Of_WhenATextHoldsHalfAPair_Throws()
    {
        var error = Record.Exception(() => ArgumentDigest.Of(JsonDocument.Parse("""["\ud800"]""").RootElement));

        Assert.True(error is FormatException or InvalidOperationException, $"{error}");
    }
}
