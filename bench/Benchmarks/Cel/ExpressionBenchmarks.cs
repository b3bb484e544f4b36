using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Castellan.Cel;

namespace Castellan.Benchmarks.Cel;

/// <summary>One evaluation of a compiled expression, of the kinds that policies use.</summary>
[MemoryDiagnoser]
public class ExpressionBenchmarks
{
    private CelProgram program = null!;
    private CelActivation activation = null!;

    [Params(
        "jwt.sub == 'agent'",
        "jwt.sub == 'agent' && tool == 'restart' && args.namespace == 'shop'",
        "tool in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'restart']",
        "args.replicas <= 5 && args.replicas > 0",
        "args.names.exists(n, n == 'c')",
        "args.image.startsWith('registry.example.com/')",
        "args.image.matches('^registry[.]example[.]com/[a-z]+$')",
        "args.?missing.orValue('') == ''")]
    public string Expression { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var environment = CelEnvironment.Standard
            .WithVariable("jwt", CelType.Map(CelType.String, CelType.Dyn))
            .WithVariable("tool", CelType.String)
            .WithVariable("args", CelType.Map(CelType.String, CelType.Dyn));
        program = environment.Compile(Expression);
        activation = environment.NewActivation()
            .Set("tool", CelValue.From("restart"))
            .Set("jwt", JsonDocument.Parse("""{"iss":"https://issuer","aud":"gateway","sub":"agent","exp":1}""").RootElement)
            .Set("args", JsonDocument.Parse("""{"namespace":"shop","replicas":3,"names":["a","b","c"],"image":"registry.example.com/shop"}""").RootElement);
        if (!program.Evaluate(activation).IsTrue) throw new InvalidOperationException($"{Expression} is not true");
    }

    [Benchmark]
    public bool Evaluate() => program.Evaluate(activation).IsTrue;
}
