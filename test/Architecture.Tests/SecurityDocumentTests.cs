using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Castellan.Architecture.Tests;

/// <summary>docs/security.md claims a test for each defence: each that it names exists.</summary>
public sealed partial class SecurityDocumentTests
{
    private const string Page = "docs/security.md";

    [Fact]
    public void Tests_ThatThePageNames_AllExist()
    {
        var known = (
            from source in Repository.Sources
            where source.Path.StartsWith("test/", StringComparison.Ordinal)
            from type in source.Syntax.DescendantNodes().OfType<ClassDeclarationSyntax>()
            from method in type.Members.OfType<MethodDeclarationSyntax>()
            where method.AttributeLists.Count > 0
            select $"{type.Identifier.Text}.{method.Identifier.Text}").ToHashSet(StringComparer.Ordinal);
        Repository.AssertNone(
            from Match named in Name().Matches(Repository.Read(Page))
            where !known.Contains(named.Groups[1].Value)
            select $"{Page} names {named.Groups[1].Value}",
            "name the test by its class and method, or write it");
    }

    [Theory]
    [InlineData("MCP")]
    [InlineData("ASI")]
    public void Rows_OfEachOwaspList_AreAllThereAndNameATestOrSayWhyNot(string list)
    {
        var rows = Repository.Read(Page).Split('\n').Where(l => l.StartsWith($"| {list}", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"{list}{i:00}"), rows.Select(r => r.Split('|')[1].Trim().Split(' ')[0]));
        Repository.AssertNone(rows.Where(r => !Name().IsMatch(r) && !r.Contains("does not apply", StringComparison.Ordinal)), "name at least one test, or say why the row does not apply");
    }

    // `SomeTests.Unit_WhenCondition_Outcome`
    [GeneratedRegex(@"`(\w+Tests\w*\.\w+_\w+)`")]
    private static partial Regex Name();
}
