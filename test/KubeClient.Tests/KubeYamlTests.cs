namespace Castellan.KubeClient.Tests;

public sealed class KubeYamlTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: yes", """{"a":true}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: [x, {b: false}]", """{"a":["x",{"b":false}]}""")]
    [InlineData("a: 2026-01-01", """{"a":"2026-01-01"}""")]
    public void Parse_WhenScalarHasAType_ReadsItAsKubectlDoes(string yaml, string json) =>
        Assert.Equal(json, KubeYaml.Parse(yaml).Single().ToJsonString());

    [Fact]
    public void Parse_WhenThereAreEmptyDocuments_LeavesThemOut() =>
        Assert.Equal(2, KubeYaml.Parse("---\na: 1\n---\n---\nb: 2\n---\n").Count);

    [Fact]
    public void Parse_WhenYamlIsMalformed_NamesTheLine() =>
        Assert.Contains("line 2", Assert.Throws<KubeYamlException>(() => KubeYaml.Parse("a: 1\nb: c: d")).Message, StringComparison.Ordinal);
}
