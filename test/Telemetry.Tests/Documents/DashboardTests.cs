using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.Telemetry.Metrics;
using Castellan.Testing;

namespace Castellan.Telemetry.Tests.Documents;

/// <summary>The dashboard asks only for what there is, in a language that Prometheus understands.</summary>
public sealed partial class DashboardTests
{
    private static readonly string[] Words =
        ["sum", "rate", "increase", "max", "min", "time", "histogram_quantile", "by", "bool"];

    // What a Prometheus adds by itself.
    private static readonly string[] OwnLabels = ["le", "instance", "job", "namespace", "pod"];

    private static JsonNode Dashboard { get; } = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "castellan.json")))!;

    private static List<string> Queries { get; } = [.. Dashboard["panels"]!.AsArray().SelectMany(p => p!["targets"]?.AsArray() ?? []).Select(t => (string)t!["expr"]!)];

    [Fact]
    public void Queries_NameOnlyMetricsOfTheTable()
    {
        var known = MetricTable.Rows.SelectMany(r => r.Kind == MetricKind.Histogram ? ["_bucket", "_sum", "_count"] : (string[])[""], (r, suffix) => r.PrometheusName + suffix).ToHashSet();
        Assert.NotEmpty(Queries);
        Assert.All(Queries, query =>
        {
            var names = Name().Matches(Grouping().Replace(Selector().Replace(Range().Replace(query, ""), ""), "")).Select(m => m.Value).Except(Words).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(known.Contains(name), $"{name} in {query} is no metric of the table"));
        });
    }

    [Fact]
    public void Queries_NameOnlyLabelsOfTheirMetrics()
    {
        var labels = MetricTable.Rows.SelectMany(r => r.Attributes).Select(a => a.Replace('.', '_')).Concat(OwnLabels).ToHashSet();
        var used = Queries.SelectMany(q => Grouping().Matches(q).SelectMany(m => m.Groups[1].Value.Split(','))
            .Concat(Selector().Matches(q).SelectMany(m => Matcher().Matches(m.Value).Select(l => l.Groups[1].Value)))).Select(l => l.Trim()).Distinct();
        Assert.All(used, label => Assert.Contains(label, labels));
    }

    [Fact]
    public async Task Queries_WhenPrometheusReadsThem_AreWellFormed()
    {
        var rules = Queries.Select((query, i) =>
            $"  - record: castellan:query:{i.ToString(CultureInfo.InvariantCulture)}\n    expr: {System.Text.Json.JsonSerializer.Serialize(query.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$namespace", ".*", StringComparison.Ordinal))}\n");
        await Promtool.CheckRulesAsync($"groups:\n- name: dashboard\n  rules:\n{string.Concat(rules)}");
    }

    [Fact]
    public void Metrics_AreAllShown() =>
        Assert.All(MetricTable.Rows.Where(r => r != MetricTable.QueueAdds), row => Assert.Contains(Queries, q => q.Contains(row.PrometheusName, StringComparison.Ordinal)));

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"([a-z_]+)\s*(?:=~|!=|=)")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"[a-z_][a-z0-9_]*")]
    private static partial Regex Name();
}
