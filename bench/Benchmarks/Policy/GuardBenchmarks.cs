using System.Text;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Castellan.Policy.Guards;

namespace Castellan.Benchmarks.Policy;

/// <summary>Looking through a result of 10 KB, as logs and as JSON, in which there is nothing to find: what every inspected call pays.</summary>
[MemoryDiagnoser]
public class GuardBenchmarks
{
    private string log = "";
    private JsonNode json = new JsonObject();

    [Params(GuardKinds.Secrets, GuardKinds.PersonalData, GuardKinds.Injections, GuardKinds.All)]
    public GuardKinds Kinds { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var lines = new StringBuilder();
        for (var i = 0; lines.Length < 10 * 1024; i++)
        {
            lines.Append("2026-03-02T12:00:").Append(i % 60).Append(".417Z INFO checkout-7d9f8b6c5d-x2x4z request ").Append(i).Append(" GET /cart took 17 ms, upstream 10.96.14.7:8080 answered 200\n");
        }
        log = lines.ToString(0, 10 * 1024);
        json = new JsonObject { ["items"] = new JsonArray([.. log.Split('\n').Select((line, i) => new JsonObject { ["line"] = line, ["number"] = i })]) };
        if (TextScan.Of(log, GuardKinds.All).Count > 0) throw new InvalidOperationException("something was found where nothing is");
    }

    [Benchmark]
    public int Text() => TextScan.Of(log, Kinds).Count;

    [Benchmark]
    public int Json() => GuardScan.Of(json, Kinds).Count;
}
