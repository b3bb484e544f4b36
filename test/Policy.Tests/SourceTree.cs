namespace Castellan.Policy.Tests;

/// <summary>Where the sources are, for tests that read documents and examples.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Agents.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
