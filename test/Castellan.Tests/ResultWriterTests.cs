using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.KubeClient;

namespace Castellan.Cli.Tests;

public sealed class ResultWriterTests
{
    [Theory]
    [InlineData("True")]
    [InlineData("NO")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("1e3")]
    [InlineData(".5")]
    [InlineData("-")]
    [InlineData("- a")]
    [InlineData("a: b")]
    [InlineData("# a")]
    [InlineData("*a")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\nb\n")]
    [InlineData("a\n\n  b")]
    [InlineData("  a\nb")]
    [InlineData("\n")]
    [InlineData("a\r\nb\t")]
    [InlineData("\u001b[31m")]
    [InlineData("ü ✓")]
    public void WriteYaml_WhenTextIsOdd_ReadsBackAsTheSameText(string text)
    {
        var written = new StringWriter();
        ResultWriter.WriteYaml(written, new JsonObject { ["value"] = text, ["keys"] = new JsonObject { [text] = new JsonArray(text, 1, true, null) } });

        var read = Assert.Single(KubeYaml.Parse(written.ToString()));
        Assert.Equal(text, (string?)read["value"]);
        var list = read["keys"]![text]!.AsArray();
        Assert.Equal(text, (string?)list[0]);
        Assert.Equal("[1,true,null]", new JsonArray([.. list.Skip(1).Select(n => n?.DeepClone())]).ToJsonString());
    }

    [Fact]
    public void WriteYaml_WhenTextIsAKubernetesCondition_QuotesItAsKubectlDoes()
    {
        var written = new StringWriter();
        ResultWriter.WriteYaml(written, new JsonObject { ["status"] = "True" });
        Assert.Equal("status: \"True\"\n", written.ToString().ReplaceLineEndings("\n"));
    }
}
