using Castellan.Cli.CommandLine;
using Castellan.Cli.Resources;

namespace Castellan.Cli.Tests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Parse_WhenSeveralDocuments_ReadsEachWithItsLine()
    {
        var objects = ManifestReader.Parse("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n", "a.yaml").ToList();

        Assert.Equal([("Namespace", "shop", null), ("ConfigMap", "a", "shop")], objects.Select(o => (o.Kind, o.Name, o.Namespace)));
        Assert.Equal("a.yaml:6", objects[1].Source);
    }

    [Theory]
    [InlineData("a: [", "a.yaml: line 2", "column")]
    [InlineData("- a", "a.yaml: line 1", "must be a mapping")]
    [InlineData("kind: A\nmetadata: {name: a}", "a.yaml:1", "apiVersion is missing")]
    [InlineData("apiVersion: v1\nkind: A\nmetadata: {}", "a.yaml:1", "metadata.name is missing")]
    [InlineData("apiVersion: v1\nkind: A\nmetadata: {name: 5}", "a.yaml:1", "metadata.name is missing")]
    public void Parse_WhenDocumentIsBad_NamesFileLineAndFault(string text, string place, string fault)
    {
        var failure = Assert.Throws<CommandFailure>(() => ManifestReader.Parse(text, "a.yaml").ToList());
        Assert.StartsWith(place, failure.Problem, StringComparison.Ordinal);
        Assert.Contains(fault, failure.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WhenList_TakesItApart() =>
        Assert.Equal(["a", "b"], ManifestReader.Parse("""{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}},{"apiVersion":"v1","kind":"A","metadata":{"name":"b"}}]}""", "-").Select(o => o.Name));
}
