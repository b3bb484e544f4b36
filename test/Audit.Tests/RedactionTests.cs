using System.Text.Json.Nodes;
using Castellan.Digests;

namespace Castellan.Audit.Tests;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("""{"password":"x"}""", """{"password":"[redacted]"}""")]
    [InlineData("""{"API-Key":"x","name":"web"}""", """{"API-Key":"[redacted]","name":"web"}""")]
    [InlineData("""{"secretName":"db"}""", """{"secretName":"db"}""")]
    [InlineData("""{"env":[{"name":"DB_PASSWORD","value":"x"},{"name":"MODE","value":"fast"}]}""", """{"env":[{"name":"DB_PASSWORD","value":"[redacted]"},{"name":"MODE","value":"fast"}]}""")]
    [InlineData("""{"kind":"Secret","data":{"a":"eA=="}}""", """{"kind":"Secret","data":"[redacted]"}""")]
    [InlineData("""{"kind":"ConfigMap","data":{"a":"b"}}""", """{"kind":"ConfigMap","data":{"a":"b"}}""")]
    [InlineData("""{"h":"Bearer abc"}""", """{"h":"[redacted]"}""")]
    [InlineData("""{"token":null,"n":3}""", """{"token":null,"n":3}""")]
    public void Redact_WhenValuesLookSecret_ReplacesThem(string arguments, string expected) =>
        Assert.Equal(CanonicalJson.Write(JsonNode.Parse(expected)), CanonicalJson.Write(Redaction.Redact(JsonNode.Parse(arguments)!.AsObject())));

    [Fact]
    public void Redact_WhenTextIsLong_CutsIt()
    {
        var text = (string)Redaction.Redact(new JsonObject { ["log"] = new string('x', 2000) })!["log"]!;
        Assert.EndsWith("… [2000 characters]", text, StringComparison.Ordinal);
    }
}
