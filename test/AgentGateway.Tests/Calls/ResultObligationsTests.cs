using System.Text.Json;
using Castellan.AgentGateway.Calls;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Tests.Calls;

public sealed class ResultObligationsTests
{
    private static readonly Obligations Secret = new() { RedactResult = ["$..secret"] };

    [Fact]
    public void Apply_WhenTextAndStructureAreJson_TakesItOutOfBoth()
    {
        var content = ResultObligations.Apply(Secret, new ToolContent("""{"a":{"secret":"x"}}""", Json("""{"a":{"secret":"x","n":1}}"""), Blocks: Json("""[{"type":"text","text":"{\"secret\":\"x\"}"},{"type":"image"}]""")));

        Assert.Equal("""{"a":{"secret":"[redacted]"}}""", content.Text);
        Assert.Equal("""{"a":{"secret":"[redacted]","n":1}}""", content.Data!.Value.GetRawText());
        Assert.Equal("""{"secret":"[redacted]"}""", content.Blocks!.Value[0].GetProperty("text").GetString());
    }

    [Fact]
    public void Apply_WhenTheTextMaySayWhatWasTakenOut_LetsTheStructureSpeak()
    {
        var content = ResultObligations.Apply(Secret, new ToolContent("the secret is x", Json("""{"secret":"x"}"""), Blocks: Json("""[{"type":"text","text":"the secret is x"}]""")));

        Assert.Equal("""{"secret":"[redacted]"}""", content.Text);
        Assert.Null(content.Blocks);
    }

    [Theory]
    [InlineData("plain words")]
    [InlineData("{ no json")]
    [InlineData("""{"n":1}""")]
    public void Apply_WhenNothingIsSelected_LeavesTheTextAsItIs(string text) => Assert.Equal(text, ResultObligations.Apply(Secret, new ToolContent(text)).Text);

    [Fact]
    public void Apply_WhenTheResultIsTooLong_CutsWholeCharactersAndSaysSo()
    {
        var content = ResultObligations.Apply(new Obligations { MaxResultBytes = 7 }, new ToolContent("aäöü€", Json("""{"long":"enough"}"""), Blocks: Json("""[{"type":"text","text":"aäöü€"}]""")));

        Assert.Equal("aäöü\n[cut off: 10 bytes, policy lets 7 pass]", content.Text);
        Assert.Equal((null, null), (content.Data, content.Blocks));
        Assert.Equal("short", ResultObligations.Apply(new Obligations { MaxResultBytes = 7 }, new ToolContent("short")).Text);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
