using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Castellan.Architecture.Tests;

/// <summary>The checkout that the tests read.</summary>
internal static class Repository
{
    private static readonly string[] Unread = [".git", "bin", "obj", "node_modules", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file of ours, by path from the root.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(new DirectoryInfo(Root)).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file, parsed.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = [.. Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).Select(SourceFile.Read)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Fails with every fault on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> faults, string remedy)
    {
        var all = faults.ToList();
        Assert.True(all.Count == 0, $"{all.Count} faults; {remedy}\n{string.Join('\n', all)}");
    }

    private static IEnumerable<string> Walk(DirectoryInfo directory) => directory.EnumerateFiles().Select(f => f.FullName)
        .Concat(directory.EnumerateDirectories().Where(d => !Unread.Contains(d.Name) && d.LinkTarget is null).SelectMany(Walk));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Agents.sln")))
        {
            directory = directory.Parent;
        }
        return directory?.FullName ?? throw new DirectoryNotFoundException($"no Agents.sln above {AppContext.BaseDirectory}; run the tests from the checkout");
    }
}

/// <summary>A C# file.</summary>
/// <param name="Path">From the root of the checkout.</param>
/// <param name="Text">Its content.</param>
/// <param name="Syntax">Its syntax tree.</param>
internal sealed record SourceFile(string Path, string Text, SyntaxNode Syntax)
{
    public static SourceFile Read(string path)
    {
        var text = Repository.Read(path);
        return new SourceFile(path, text, CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot());
    }

    /// <summary><c>path:line</c> of a node.</summary>
    public string At(SyntaxNode node) => $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
}
