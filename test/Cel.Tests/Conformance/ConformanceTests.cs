using Castellan.Cel.Conformance;

namespace Castellan.Cel.Tests.Conformance;

/// <summary>The public conformance cases, all of them but the excluded ones; a failure lists each failing case.</summary>
public sealed class ConformanceTests
{
    internal static readonly IReadOnlyList<CelCase> All =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "cel-conformance.jsonl")).Select(CelCase.Parse)];

    private static readonly IReadOnlyDictionary<string, string> Exclusions =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "exclusions.txt"))
            .Where(l => l.Length > 0 && !l.StartsWith('#'))
            .Select(l => l.Split('|', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(p => p[0], p => p[1]);

    [Theory]
    [InlineData("std", 873)]
    [InlineData("ext", 493)]
    public void Cases_WhenRun_GiveWhatTheSpecificationSays(string profile, int count)
    {
        var cases = All.Where(c => c.Profile == profile).ToList();
        Assert.Equal(count, cases.Count);

        var failures = cases.Where(c => !Exclusions.ContainsKey(c.Id))
            .Select(c => (c.Id, c.Expression, Problem: c.Run()))
            .Where(r => r.Problem is not null)
            .Select(r => $"{r.Id}: {r.Expression}: {r.Problem}")
            .ToList();

        Assert.True(failures.Count == 0, $"{failures.Count} of {count} cases fail:{Environment.NewLine}{string.Join(Environment.NewLine, failures)}");
    }

    [Fact]
    public void Exclusions_WhenRead_NameOnlyCasesThatTheReferenceSkips()
    {
        var skipped = All.Where(c => c.Tags.Contains("celGoSkips")).Select(c => c.Id).ToHashSet();
        Assert.All(Exclusions, e =>
        {
            Assert.Contains(e.Key, skipped);
            Assert.NotEmpty(e.Value);
        });
    }
}
