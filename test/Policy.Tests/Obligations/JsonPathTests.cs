using System.Text.Json.Nodes;

namespace Castellan.Policy.Tests.Obligations;

public sealed class JsonPathTests
{
    [Theory]
    [InlineData("$.a", """{"a":1,"b":{"a":2}}""", """{"a":"[redacted]","b":{"a":2}}""", 1)]
    [InlineData("$..a", """{"a":{"a":1},"b":[{"a":2},3]}""", """{"a":"[redacted]","b":[{"a":"[redacted]"},3]}""", 3)]
    [InlineData("$.items[*].secret", """{"items":[{"secret":"x","n":1},{"n":2}]}""", """{"items":[{"secret":"[redacted]","n":1},{"n":2}]}""", 1)]
    [InlineData("$.items[0]", """{"items":["a","b"]}""", """{"items":["[redacted]","b"]}""", 1)]
    [InlineData("$['items'][-1]", """{"items":["a","b"]}""", """{"items":["a","[redacted]"]}""", 1)]
    [InlineData("$.*.b", """{"x":{"b":1},"y":{"c":1}}""", """{"x":{"b":"[redacted]"},"y":{"c":1}}""", 1)]
    [InlineData("$['it''s']", "{}", null, 0)]
    [InlineData(@"$['it\'s']", """{"it's":null}""", """{"it's":"[redacted]"}""", 1)]
    [InlineData("$..['tls.key']", """[{"data":{"tls.key":"x"}}]""", """[{"data":{"tls.key":"[redacted]"}}]""", 1)]
    [InlineData("$..[0]", """[[1,2],3]""", """["[redacted]",3]""", 2)]
    [InlineData("$.missing.deeper", """{"a":1}""", """{"a":1}""", 0)]
    public void Redact_WhenAPathSelects_ReplacesThatAlone(string path, string json, string? expected, int count)
    {
        if (expected is null)
        {
            Assert.Throws<FormatException>(() => JsonPath.Parse(path));
            return;
        }

        var node = JsonNode.Parse(json);

        Assert.Equal(count, JsonPath.Parse(path).Redact(node));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), node), node!.ToJsonString());
        Assert.Equal(0, JsonPath.Parse(path).Redact(node));
    }

    [Theory]
    [InlineData("", "does not begin with $")]
    [InlineData("a.b", "does not begin with $")]
    [InlineData("$", "selects everything")]
    [InlineData("$.", "from character 2")]
    [InlineData("$.a b", "from character 4")]
    [InlineData("$.a[?@.b]", "from character 4")]
    [InlineData("$.a[1:2]", "from character 4")]
    [InlineData("$[99999999999]", "from character 2")]
    public void Parse_WhenItIsNoPath_SaysWhere(string path, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => JsonPath.Parse(path)).Message);
}
