using System.Text.Json.Nodes;
using Castellan.AgentController.Crds;
using Castellan.Cli.Crds;
using Castellan.Cli.Resources;

namespace Castellan.Cli.Tests.Crds;

public sealed class CrdYamlTests
{
    public static TheoryData<string> Kinds => [.. AgentCrds.Generate().Select(d => d["spec"]!["names"]!["kind"]!.GetValue<string>())];

    [Theory, MemberData(nameof(Kinds))]
    public void CheckedInFile_WhenGeneratedAgain_IsTheSame(string kind)
    {
        var definition = Definition(kind);
        var path = Path.Combine(RepositoryRoot(), "crds", CrdYaml.FileName(definition));
        Assert.True(File.Exists(path), $"{path} is missing; write it with 'castellan crds generate'");
        Assert.Equal(CrdYaml.Write(definition), File.ReadAllText(path));
    }

    [Fact]
    public void CheckedInFiles_AreThoseOfOurKindsAndNoOthers() => Assert.Equal(
        AgentCrds.Generate().Select(CrdYaml.FileName).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "crds")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Kinds))]
    public void Write_WhenReadBack_IsTheSameObject(string kind)
    {
        var read = Assert.Single(ManifestReader.Parse(CrdYaml.Write(Definition(kind)), kind)).Object;
        Assert.True(JsonNode.DeepEquals(Definition(kind), read), read.ToJsonString());
    }

    [Theory]
    [InlineData("True")]
    [InlineData("no")]
    [InlineData("1")]
    [InlineData("0x1f")]
    [InlineData("1e3")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("^[a-z]\\d$")]
    [InlineData("")]
    [InlineData(" padded ")]
    [InlineData("two\nlines")]
    [InlineData("- dash")]
    public void Write_WhenTextLooksLikeSomethingElse_StaysText(string text)
    {
        var written = CrdYaml.Write(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Sample", ["metadata"] = new JsonObject { ["name"] = "a" }, ["text"] = text,
        });
        Assert.Equal(text, Assert.Single(ManifestReader.Parse(written, "test")).Object["text"]!.GetValue<string>());
    }

    private static JsonObject Definition(string kind) => AgentCrds.Generate().Single(d => d["spec"]!["names"]!["kind"]!.GetValue<string>() == kind);

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Agents.sln")))
        {
            directory = directory.Parent;
        }
        return directory?.FullName ?? throw new DirectoryNotFoundException($"no Agents.sln above {AppContext.BaseDirectory}; run the tests from the checkout");
    }
}
