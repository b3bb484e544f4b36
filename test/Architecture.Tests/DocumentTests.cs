using System.Text.RegularExpressions;

namespace Castellan.Architecture.Tests;

/// <summary>The manual knows what the code says.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Conditions_AreAllExplained()
    {
        var manual = Repository.Read("docs/conditions.md");
        Repository.AssertNone(
            from source in Repository.Sources
            where source.Path.StartsWith("src/AgentController/", StringComparison.Ordinal)
            from Match reason in Reason().Matches(source.Text)
            where !manual.Contains($"`{reason.Groups[1].Value}`", StringComparison.Ordinal)
            select $"{source.Path}: {reason.Groups[1].Value}",
            "add each reason to the table of docs/conditions.md");
    }

    [GeneratedRegex("""(?:Verdict\.(?:Yes|No)\(\s*|const string \w+Reason = )"(\w+)""")]
    private static partial Regex Reason();
}
