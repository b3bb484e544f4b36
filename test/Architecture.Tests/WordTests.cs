using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Castellan.Architecture.Tests;

/// <summary>Names say what a thing does, and texts speak of the project alone.</summary>
public sealed class WordTests
{
    private static readonly string[] EmptySuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Service"];

    // Names that Kubernetes, gRPC or a protocol gave.
    private static readonly string[] Given = ["Service", "GrpcService"];

    // Written in two halves, so that this file does not hold what it looks for.
    private static readonly (string Word, string Why)[] ForbiddenTexts =
    [
        ("nuget" + @"\.org", "names a host; a build takes its registries from the machine's configuration"),
        ("npmjs" + @"\.(?:org|com)", "names a host; a build takes its registries from the machine's configuration"),
        ("deb\\." + "debian", "names a host; a build takes its registries from the machine's configuration"),
        ("snapshot\\." + "debian", "names a host; a build takes its registries from the machine's configuration"),
        ("proxy\\." + "golang", "names a host; a build takes its registries from the machine's configuration"),
        ("py" + @"pi\.org", "names a host; a build takes its registries from the machine's configuration"),
        ("(?<![A-Za-z0-9._~\"})-])/(?:ro" + "ot|wo" + @"rk|ho" + @"me/[a-z]+)/", "is a path of one machine"),
        ("work" + "tree", "speaks of how it was made"),
    ];

    private static readonly (string Word, string Why)[] Unfinished =
    [
        (@"\bTO" + @"DO\b|\bFIX" + @"ME\b", "is unfinished; finish it, or leave it out"),
        ("NotImplemented" + "Exception", "is unfinished; finish it, or leave it out"),
    ];

    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".md", ".txt", ".sh", ".yaml", ".yml", ".json", ".jsonl", ".proto", ".ts", ".js", ".mjs", ".go", ".py", ".sln", ""];

    [Fact]
    public void Types_HaveNoEmptySuffix() => Repository.AssertNone(
        from source in Repository.Sources
        from type in source.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let name = type.Identifier.Text
        where !Given.Contains(name) && EmptySuffixes.Any(s => name.EndsWith(s, StringComparison.Ordinal))
        select $"{source.At(type)}: {name}",
        "name it after what it does");

    [Fact]
    public void Texts_HoldNothingThatDoesNotBelong() => Repository.AssertNone(
        from file in Repository.Files
        where TextExtensions.Contains(Path.GetExtension(file))
        let text = Repository.Read(file)
        from forbidden in Path.GetExtension(file) is ".cs" or ".md" ? [.. ForbiddenTexts, .. Unfinished] : ForbiddenTexts
        from Match match in Regex.Matches(text, forbidden.Word)
        select $"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}: '{match.Value}' {forbidden.Why}",
        "rewrite them");

    [Fact]
    public void Namespaces_FollowTheFolders() => Repository.AssertNone(
        from source in Repository.Sources
        where source.Path.StartsWith("src/", StringComparison.Ordinal)
        from ns in source.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        let expected = NamespaceOf(source.Path)
        where !IsWithin(expected, ns.Name.ToString())
        select $"{source.At(ns)}: {ns.Name}, expected {expected}",
        "move the file or rename the namespace");

    // A library may keep a flat surface over its folders, but no file lies in a folder that says something else.
    private static bool IsWithin(string expected, string actual) =>
        actual.Split('.').Length >= 2 && (expected == actual || expected.StartsWith($"{actual}.", StringComparison.Ordinal));

    private static string NamespaceOf(string path)
    {
        var folders = Path.GetDirectoryName(path)!.Split('/')[1..];
        if (folders[0] == "Castellan")
        {
            folders[0] = "Cli"; // the command; Castellan.Castellan would hide the root namespace
        }
        return string.Join('.', folders.Prepend("Castellan"));
    }
}
