using System.Reflection;
using System.Text;
using Castellan.Telemetry.Metrics;
using Castellan.Testing;

namespace Castellan.Telemetry.Tests.Documents;

/// <summary>The manual lists what the code has. With CASTELLAN_WRITE_DOCS=1 the table of metrics is written instead of compared.</summary>
public sealed class ManualTests
{
    private const string Begin = "<!-- metrics: begin -->", End = "<!-- metrics: end -->";

    private static string Manual { get; } = Path.Combine(Repository.Root, "docs", "telemetry.md");

    [Fact]
    public void Metrics_AreListed()
    {
        var text = File.ReadAllText(Manual);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("CASTELLAN_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Manual, $"{text[..begin]}\n{Table()}{text[end..]}");
            return;
        }

        Assert.Equal(Table().Trim(), text[begin..end].Trim());
    }

    [Fact]
    public void Attributes_AreAllListed()
    {
        var text = File.ReadAllText(Manual);
        string[] apart = [SemanticNames.QueueName, SemanticNames.Controller, SemanticNames.Result];
        var names = typeof(SemanticNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).Except(apart);
        Assert.All(names, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    private static string Table()
    {
        var table = new StringBuilder("| Prometheus | OpenTelemetry | what | labels | who |\n| --- | --- | --- | --- | --- |\n");
        foreach (var row in MetricTable.Rows)
        {
            table.Append($"| `{row.PrometheusName}` | `{row.Name}`, {row.Kind.ToString().ToLowerInvariant()}{(row.Unit.Length > 0 ? $", {row.Unit}" : "")} | {row.Description} | {string.Join(", ", row.Attributes.Select(a => $"`{a}`"))} | {row.Host} |\n");
        }

        return table.ToString();
    }
}
