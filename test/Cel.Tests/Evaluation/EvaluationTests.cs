using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Cel.Tests.Evaluation;

public sealed class EvaluationTests
{
    private static readonly CelType Call = CelType.Object("call", new("tool", CelType.String), new("args", CelType.Map(CelType.String, CelType.Dyn)));
    private static readonly CelEnvironment Environment = CelEnvironment.Standard.WithVariable("call", Call).WithVariable("x", CelType.Dyn);

    [Theory]
    [InlineData("x.a.b[1] == 'two' && x.n == 3 && x.f == 1.5 && x.t && x.z == null", true)]
    [InlineData("x.missing", "no such key: 'missing'")]
    [InlineData("x.a.b[7]", "index 7 is out of range")]
    [InlineData("x.n / 0", "divide by zero")]
    [InlineData("x.n + 'a'", "no such overload: int + string")]
    [InlineData("x.a.b.contains('a')", "no such overload: contains(list, string)")]
    [InlineData("{x.n: 1, 3u: 2}", "the map key 3u is repeated")]
    [InlineData("{1.5: 1}", "a map key cannot be of type double")]
    [InlineData("x.n.matches('a')", "no such overload: int.matches(string)")]
    [InlineData("'a'.matches(x.a.b[0] + '(')", "is invalid")]
    [InlineData("optional.none().value()", "has no value")]
    [InlineData("duration('1d')", "is no duration")]
    [InlineData("timestamp('2020-02-30T00:00:00Z')", "is no timestamp")]
    public void Evaluate_WhenTheInputIsJson_GivesAValueOrSaysWhatFailed(string expression, object expected)
    {
        var json = JsonNode.Parse("""{"a":{"b":["one","two"]},"n":3,"f":1.5,"t":true,"z":null}""");

        var value = Environment.CompileUnchecked(expression).Evaluate(Environment.NewActivation().Set("x", json));

        if (expected is bool truth) Assert.Equal(truth, value.AsBool);
        else Assert.Contains((string)expected, value.Error.Message);
    }

    [Fact]
    public void Locate_WhenAnEvaluationFails_NamesLineAndColumn()
    {
        var program = Environment.Compile("true &&\n  x.missing == 1");

        var value = program.Evaluate(Environment.NewActivation().Set("x", CelValue.From(CelMap.Empty)));

        Assert.Equal("2:5: no such key: 'missing'", program.Locate(value.Error)!.ToString());
    }

    [Theory]
    [InlineData("call.tool == 'a' && call.args.n == 1", "unknown")]
    [InlineData("call.tool == 'b' && call.args.n == 1", "false")]
    [InlineData("call.tool == 'a' || call.args.n == 1", "true")]
    [InlineData("call.args.n == 1 || call.tool == 'a'", "true")]
    [InlineData("call.args.n / 0 == 1 && false", "false")]
    [InlineData("1 / 0 == 1 && call.args.n == 1", "unknown")]
    [InlineData("!(call.args.n > 1)", "unknown")]
    [InlineData("call.args.list.exists(e, e == 1)", "unknown")]
    [InlineData("[1, 2].exists(e, e == call.args.n)", "unknown")]
    [InlineData("[1, 2].exists(e, e == 1 || e == call.args.n)", "true")]
    [InlineData("[1, 2].all(e, e == 1 && e == call.args.n)", "false")]
    [InlineData("size([call.args.n]) == 1", "unknown")]
    [InlineData("has(call.args.n)", "unknown")]
    [InlineData("call.args.?n.orValue(1) == 1", "unknown")]
    [InlineData("call.tool == 'a' ? true : call.args.n == 1", "true")]
    public void Evaluate_WhenAFieldIsUnknown_IsUnknownOnlyIfItMatters(string expression, string expected)
    {
        var call = new Fields(Call, [CelValue.From("a"), CelValue.Unknown]);

        var value = Environment.Compile(expression).Evaluate(Environment.NewActivation().Set("call", CelValue.From(call)));

        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true)))")]
    [InlineData("lists.range(1000).all(a, 'x'.replace('', 'yyyyyyyyyyyyyyyyyyyy') == 'z' || lists.range(100000).size() > 0)")]
    [InlineData("cel.bind(a, '0123456789', cel.bind(b, a+a+a+a+a+a+a+a+a+a, cel.bind(c, b+b+b+b+b+b+b+b+b+b, cel.bind(d, c+c+c+c+c+c+c+c+c+c, cel.bind(e, d+d+d+d+d+d+d+d+d+d, e+e+e+e+e+e+e+e+e+e)))))")]
    public void Evaluate_WhenItCostsTooMuch_FailsEvenInsideAnOr(string expression)
    {
        var program = CelEnvironment.Standard.CompileUnchecked($"dyn({expression}) == 1 || true");

        Assert.Contains("costs more than 50000", program.Evaluate(CelEnvironment.Standard.NewActivation(), new CelLimits(50_000)).Error.Message);
    }

    [Fact]
    public void Evaluate_WhenCancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var program = CelEnvironment.Standard.Compile("1 == 1");

        Assert.Throws<OperationCanceledException>(() => program.Evaluate(CelEnvironment.Standard.NewActivation(), ct: cancelled.Token));
    }

    [Fact]
    public void Evaluate_WhenTheActivationIsOfAnotherEnvironment_Throws() =>
        Assert.Throws<ArgumentException>(() => Environment.Compile("true").Evaluate(CelEnvironment.Standard.NewActivation()));

    [Fact]
    public void Evaluate_WhenComparingFields_AllocatesNothing()
    {
        var program = Environment.Compile("call.tool == 'restart' && call.args.namespace == 'shop' && call.args.replicas <= 5 && call.args.name in ['a', 'b', 'c']");
        var args = CelJson.FromJson(JsonDocument.Parse("""{"namespace":"shop","replicas":3,"name":"c"}""").RootElement);
        var activation = Environment.NewActivation().Set("call", CelValue.From(new Fields(Call, [CelValue.From("restart"), args])));
        for (var i = 0; i < 1000; i++) Assert.True(program.Evaluate(activation).IsTrue);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) program.Evaluate(activation);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("""{"a":[1,-2,1.5,"x",null,true,{"b":{}}],"c":9007199254740993}""")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("1e+300")]
    public void CelJson_WhenReadAndWritten_IsTheSame(string json)
    {
        var value = CelJson.FromJson(JsonDocument.Parse(json).RootElement);

        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), CelJson.ToJson(value)!.ToJsonString(), ignoreCase: true);
    }

    [Theory]
    [InlineData("b'abc'", "\"YWJj\"")]
    [InlineData("timestamp('2020-01-01T00:00:00.5Z')", "\"2020-01-01T00:00:00.5Z\"")]
    [InlineData("duration('90s')", "\"90s\"")]
    [InlineData("{1: 2u}", "{\"1\":2}")]
    [InlineData("optional.of([1])", "[1]")]
    [InlineData("0.0 / 0.0", "\"NaN\"")]
    public void ToJson_WhenJsonHasNoWord_WritesTheProtobufForm(string expression, string json)
    {
        var value = CelEnvironment.Standard.Compile(expression).Evaluate(CelEnvironment.Standard.NewActivation());

        Assert.Equal(json, CelJson.ToJson(value)!.ToJsonString());
    }

    [Fact]
    public void FromJson_WhenAMemberComesTwice_Throws() =>
        Assert.Throws<FormatException>(() => CelJson.FromJson(JsonDocument.Parse("""{"a":1,"a":2}""").RootElement));

    private sealed class Fields(CelType type, CelValue[] values) : CelObject
    {
        public override CelType Type => type;

        public override CelValue GetField(int index) => values[index];
    }
}
