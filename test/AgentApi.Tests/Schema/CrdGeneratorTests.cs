using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.Tests.Schema;

public sealed class CrdGeneratorTests
{
    private static readonly JsonObject Crd = CrdGenerator.Generate(typeof(Sample), new TypeDocs(XDocument.Parse("""
        <doc><members>
          <member name="P:Castellan.AgentApi.Tests.Schema.SampleSpec.Text"><summary>
             Some <c>text</c> beside <see cref="P:Castellan.AgentApi.Tests.Schema.SampleSpec.BigNumber"/>, or <see langword="null"/>.
          </summary></member>
          <member name="P:Castellan.AgentApi.Tests.Schema.SampleSpec.Colour"><summary>What it looks like.</summary></member>
          <member name="F:Castellan.AgentApi.Tests.Schema.SampleColour.Red"><summary>Like blood.</summary></member>
          <member name="F:Castellan.AgentApi.Tests.Schema.SampleColour.Blue"><summary>Like the sea.</summary></member>
        </members></doc>
        """)));

    private static JsonNode Version => Crd["spec"]!["versions"]![0]!;

    private static JsonNode Spec => Version["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;

    public static TheoryData<string, string> Fields => new()
    {
        { "text", """{"type":"string","minLength":1,"maxLength":9,"pattern":"^a","description":"Some text beside bigNumber, or null."}""" },
        { "bigNumber", """{"type":"integer","format":"int64"}""" },
        { "share", """{"type":"number","format":"double","minimum":0,"maximum":1.5}""" },
        { "count", """{"type":"integer","format":"int32","minimum":1,"maximum":5,"default":2}""" },
        { "colour", """{"type":"string","enum":["Red","Blue"],"description":"What it looks like.\n- Red: Like blood.\n- Blue: Like the sea.","default":"Blue"}""" },
        { "when", """{"type":"string","format":"date-time"}""" },
        { "anything", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""" },
        { "labels", """{"type":"object","additionalProperties":{"type":"string"},"maxProperties":3}""" },
        { "names", """{"type":"array","items":{"type":"string"},"maxItems":4}""" },
        { "parts", """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"]}""" },
        { "limits", """{"type":"object","properties":{"most":{"type":"integer","format":"int32","default":7}},"default":{}}""" },
        { "choice", """{"type":"object","properties":{"left":{"type":"object","properties":{"most":{"type":"integer","format":"int32","default":7}}},"right":{"type":"string"}},"oneOf":[{"required":["left"]},{"required":["right"]}]}""" },
    };

    [Theory, MemberData(nameof(Fields))]
    public void Generate_ForEachKindOfMember_WritesItsSchema(string name, string expected) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), Spec["properties"]![name]), Spec["properties"]![name]?.ToJsonString());

    [Fact]
    public void Generate_WhenMembersAreRequired_ListsThem() => Assert.Equal("""["bigNumber"]""", Spec["required"]!.ToJsonString());

    [Fact]
    public void Generate_ForTheKind_WritesNamesColumnsAndStatus()
    {
        Assert.Equal("samples.example.test", Crd["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal(
            """{"categories":["castellan"],"kind":"Sample","listKind":"SampleList","plural":"samples","singular":"sample","shortNames":["sa"]}""",
            Crd["spec"]!["names"]!.ToJsonString());
        Assert.Equal("""[{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp","priority":1}]""", Version["additionalPrinterColumns"]!.ToJsonString());
        Assert.Equal("""{"status":{}}""", Version["subresources"]!.ToJsonString());
        Assert.Equal("""{"name":{"type":"string","maxLength":5,"pattern":"^s"}}""", Version["schema"]!["openAPIV3Schema"]!["properties"]!["metadata"]!["properties"]!.ToJsonString());
    }

    [Fact]
    public void Generate_WhenATypeHasNoPlaceInASchema_NamesTheMember()
    {
        var e = Assert.Throws<InvalidOperationException>(() => CrdGenerator.Generate(typeof(Unsayable), new TypeDocs()));
        Assert.Contains("Unsayable.Spec", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_ForOurKinds_GivesEachAStatus() =>
        Assert.All(AgentKinds.All, kind => Assert.NotNull(CrdGenerator.Generate(kind, new TypeDocs())["spec"]!["versions"]![0]!["subresources"]));
}

[KubeResource("example.test", "v1", "Sample", "samples"), ShortNames("sa"), ObjectName(5, "^s")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp", Priority = 1)]
public sealed class Sample : KubeObject
{
    public required SampleSpec Spec { get; set; }

    public SampleSpec? Status { get; set; }
}

public sealed class SampleSpec
{
    [MinLength(1), MaxLength(9), RegularExpression("^a")]
    public string? Text { get; set; }

    public required long BigNumber { get; set; }

    [Range(0.0, 1.5)]
    public double? Share { get; set; }

    [Range(1, 5), DefaultValue(2)]
    public int? Count { get; set; }

    [DefaultValue(SampleColour.Blue)]
    public SampleColour? Colour { get; set; }

    public DateTime? When { get; set; }

    public JsonObject? Anything { get; set; }

    [MaxLength(3)]
    public IDictionary<string, string>? Labels { get; set; }

    [MaxLength(4)]
    public IList<string>? Names { get; set; }

    [ListKey(nameof(SamplePart.Name))]
    public IList<SamplePart>? Parts { get; set; }

    public SampleLimits? Limits { get; set; }

    public SampleChoice? Choice { get; set; }
}

public enum SampleColour
{
    Red,
    Blue,
}

public sealed class SamplePart
{
    public required string Name { get; set; }
}

public sealed class SampleLimits
{
    [DefaultValue(7)]
    public int? Most { get; set; }
}

[OneOf(nameof(Left), nameof(Right))]
public sealed class SampleChoice
{
    public SampleLimits? Left { get; set; }

    public string? Right { get; set; }
}

[KubeResource("example.test", "v1", "Unsayable", "unsayables")]
public sealed class Unsayable : KubeObject
{
    public required Uri Spec { get; set; }
}
