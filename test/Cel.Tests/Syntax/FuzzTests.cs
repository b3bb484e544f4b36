using System.Text;

namespace Castellan.Cel.Tests.Syntax;

/// <summary>Random input, from a fixed seed: compiling gives a program or a fault, evaluating gives a value, nothing else ever happens.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
    [
        "a", "x", "call", ".", ".?", "[", "[?", "]", "(", ")", "{", "}", ",", ":", "?", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "!=", "<", "<=",
        ">", ">=", " in ", "1", "0", "2u", "0x1F", "1.5", "9223372036854775807", "'s'", "\"é😀\"", "b'\\xff'", "r'\\d'", "true", "false", "null", "has(x.y)",
        "x.all(e, e > 1)", "x.map(e, e)", ".exists(k, v, k == v)", ".size()", "size(", "string(", "int(", "timestamp('2020-01-01T00:00:00Z')", "duration('1h')",
        "optional.of(1)", ".orValue(2)", ".split('')", ".format([1])", "math.greatest(", "cel.bind(b, 1, b)", ".matches('[a-z]+')", ".replace('', 'x')", "lists.range(3)",
        ".sortBy(e, e)", ".flatten()", "sets.contains(", "ip('::1')", "cidr('10.0.0.0/8')", ".`a-b`", "type(", "dyn(", "\n", "//c\n", "\0", "\ud800", "é", "`", "'", "\\",
    ];

    [Fact]
    public void Compile_WhenGivenRandomPieces_GivesAProgramOrFaults()
    {
        var random = new Random(20_260_301);
        var environment = CelEnvironment.Standard.WithVariable("x", CelType.Dyn).WithVariable("call", CelType.Map(CelType.String, CelType.Dyn));
        var activation = environment.NewActivation().Set("x", CelValue.From(["a", "b"])).Set("call", CelValue.From(CelMap.Empty));
        var compiled = 0;
        for (var i = 0; i < 15_000; i++)
        {
            var text = new StringBuilder();
            for (var pieces = random.Next(1, 12); pieces > 0; pieces--) text.Append(Pieces[random.Next(Pieces.Length)]);
            compiled += Try(environment, activation, text.ToString());
        }
        Assert.True(compiled > 300, $"only {compiled} of the random texts are expressions; the test has lost its force");
    }

    [Fact]
    public void Compile_WhenGivenMutatedCases_GivesAProgramOrFaults()
    {
        var random = new Random(7);
        var cases = Conformance.ConformanceTests.All;
        var environment = CelEnvironment.Standard.WithVariable("x", CelType.Dyn);
        var activation = environment.NewActivation().Set("x", CelValue.From(3L));
        for (var i = 0; i < 8_000; i++)
        {
            var text = new StringBuilder(cases[random.Next(cases.Count)].Expression);
            for (var edits = random.Next(1, 4); edits > 0 && text.Length > 0; edits--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at));
                else text.Insert(at, Pieces[random.Next(Pieces.Length)]);
            }
            Try(environment, activation, text.ToString());
        }
    }

    [Fact]
    public void Evaluate_WhenGivenRandomExpressions_CostsNoMoreThanEstimated() => Evaluate(10_000, seed: 11);

    [Fact, Trait("tier", "soak")]
    public void Evaluate_WhenGivenFiveMillionRandomExpressions_CostsNoMoreThanEstimated() =>
        Parallel.For(0, 50, part => Evaluate(100_000, seed: 1_000 + part));

    /// <summary>Each of them does far more than its length suggests: doubled texts and lists, lists within lists, patterns with many states.</summary>
    [Theory]
    [InlineData("cel.bind(a, [1, 1], cel.bind(b, [a, a], cel.bind(c, [b, b], cel.bind(d, [c, c], cel.bind(e, [d, d, d, d, d, d, d, d], cel.bind(f, [e, e, e, e, e, e, e, e], cel.bind(g, [f, f, f, f, f, f, f, f], cel.bind(h, [g, g, g, g, g, g, g, g], cel.bind(i, [h, h, h, h, h, h, h, h], [i, i, i, i, i, i, i, i] == [i, i, i, i, i, i, i, i])))))))))")]
    [InlineData("cel.bind(a, [1, 1, 1, 1, 1, 1, 1, 1], cel.bind(b, [a, a, a, a, a, a, a, a], cel.bind(c, [b, b, b, b, b, b, b, b], cel.bind(d, [c, c, c, c, c, c, c, c], cel.bind(e, [d, d, d, d, d, d, d, d], cel.bind(f, [e, e, e, e, e, e, e, e], cel.bind(g, [f, f, f, f, f, f, f, f], cel.bind(h, [g, g, g, g, g, g, g, g], [h, h].flatten(9)))))))))")]
    [InlineData("cel.bind(a, [1, 1, 1, 1, 1, 1, 1, 1], cel.bind(b, [a, a, a, a, a, a, a, a], cel.bind(c, [b, b, b, b, b, b, b, b], cel.bind(d, [c, c, c, c, c, c, c, c], cel.bind(e, [d, d, d, d, d, d, d, d], cel.bind(f, [e, e, e, e, e, e, e, e], cel.bind(g, [f, f, f, f, f, f, f, f], cel.bind(h, [g, g, g, g, g, g, g, g], '%s'.format([h])))))))))")]
    [InlineData("cel.bind(big, [lists.range(90000)], lists.range(90000).all(i, big == big))")]
    [InlineData("cel.bind(big, lists.range(90000), lists.range(90000).all(i, [big] in [[big]]))")]
    [InlineData("lists.range(60000).map(i, [i]).distinct()")]
    [InlineData("sets.contains(lists.range(60000).map(i, {'a': i}), lists.range(60000).map(i, {'a': i}))")]
    [InlineData("lists.range(50000).exists(i, name.replace('', name).replace('', name) == 'a')")]
    [InlineData("cel.bind(a, lists.range(100000).map(i, 'a').join(), lists.range(50000).exists(i, a.indexOf(a.substring(1) + 'b') > 0))")]
    [InlineData("cel.bind(a, lists.range(100000).map(i, 'a').join(), lists.range(50000).exists(i, a.contains(a.substring(50000) + 'b')))")]
    [InlineData("cel.bind(a, lists.range(100000).map(i, 'a').join(), lists.range(50000).exists(i, a.matches('(.*a.*){100}b') || a.matches('(a?){500}b' + string(i))))")]
    [InlineData("lists.range(50000).exists(i, name.matches('(x|' + string(i) + '){900}'))")]
    [InlineData("cel.bind(a, lists.range(50000).map(i, name + name), a.sort() == a)")]
    [InlineData("cel.bind(a, lists.range(100000).map(i, 'a').join(), lists.range(90000).exists(i, a in {'b': 1, 'c': 1, 'd': 1, 'e': 1, 'f': 1, 'g': 1, 'h': 1} || {a: 1}.size() == 2 || a in ['b', 'c']))")]
    public async Task Evaluate_WhenTheExpressionIsABomb_EndsAtTheLimit(string bomb)
    {
        var activation = RandomExpressions.Values;
        var program = activation.Environment.Compile(bomb);
        using var hang = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var value = await Task.Run(() => program.Evaluate(activation, CelLimits.Default, hang.Token), hang.Token);
        Assert.True(value.Kind is CelKind.Error or CelKind.Bool or CelKind.List, value.ToString());
        if (program.EstimatedCost < CelLimits.Default.Cost) Assert.False(value.IsError, $"estimated {program.EstimatedCost}: {value}");
    }

    [Theory]
    [InlineData("('checkout' + 'checkout').matches('[a-z]+')")]
    [InlineData("int('checkout' + 'checkout') > 0")]
    public void Evaluate_WhenItMadeACostlierValueThanItsParts_CostsNoMoreThanEstimated(string expression)
    {
        var activation = RandomExpressions.Values;
        var program = activation.Environment.Compile(expression);
        var value = program.Evaluate(activation, new CelLimits(program.EstimatedCost));
        Assert.False(value.IsError && value.Error.Message.StartsWith("the evaluation costs", StringComparison.Ordinal), value.ToString());
    }

    [Theory]
    [InlineData("names.all(a, names.all(b, names.all(c, a + b != c)))")]
    [InlineData("data.a.all(a, data.b.all(b, !b.name.startsWith(a) || b in data.kinds))")]
    public void Compile_WhenItMayCostLessThanTheLimit_GivesAProgram(string expression) =>
        Assert.True(RandomExpressions.Values.Environment.WithParseLimits(new CelParseLimits(Cost: 1_000_000_000)).TryCompile(expression, null, out _, out _));

    [Fact]
    public void Compile_WhenItMayCostMoreThanTheLimit_SaysHowMuch()
    {
        var environment = RandomExpressions.Values.Environment.WithParseLimits(new CelParseLimits(Cost: 10_000_000));
        Assert.False(environment.TryCompile("data.all(a, data.all(b, data.all(c, data.all(d, a + b + c != d))))", null, out _, out var faults));
        var fault = Assert.Single(faults);
        Assert.Matches(@"^the expression may cost \d{9,} for lists of 100 elements and texts of 1,000 characters, more than 10000000$", fault.Message);
        Assert.Equal("nest fewer loops, or ask for less in the innermost one", fault.Remedy);
    }

    /// <summary>Compiles and evaluates: no exception, and with the estimated cost as its limit no evaluation reaches the limit.</summary>
    private static void Evaluate(int rounds, int seed)
    {
        var expressions = new RandomExpressions(new Random(seed));
        var activation = RandomExpressions.Values;
        var (compiled, values) = (0, 0);
        for (var i = 0; i < rounds; i++)
        {
            var text = expressions.Next();
            try
            {
                if (!activation.Environment.TryCompile(text, null, out var program, out _)) continue;
                compiled++;
                var limit = Math.Min(program.EstimatedCost, 200_000);
                var value = program.Evaluate(activation, new CelLimits(limit));
                values += value.IsValue ? 1 : 0;
                if (limit == program.EstimatedCost && value.IsError) Assert.DoesNotContain("the evaluation costs more", value.Error.Message, StringComparison.Ordinal);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{text}: {e}");
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"{text}: {e.Message}");
            }
        }
        Assert.True(compiled > rounds / 2 && values > rounds / 8, $"of {rounds} random expressions {compiled} compile and {values} give a value; the test has lost its force");
    }

    private static int Try(CelEnvironment environment, CelActivation activation, string text)
    {
        try
        {
            var value = environment.Compile(text).Evaluate(activation, new CelLimits(10_000));
            _ = value.ToString();
        }
        catch (CelCompileException)
        {
            return Unchecked(environment, activation, text);
        }
        catch (Exception e)
        {
            Assert.Fail($"{text}: {e}");
        }
        return 1;
    }

    private static int Unchecked(CelEnvironment environment, CelActivation activation, string text)
    {
        try
        {
            environment.CompileUnchecked(text).Evaluate(activation, new CelLimits(10_000));
            return 1;
        }
        catch (CelCompileException)
        {
            return 0;
        }
        catch (Exception e)
        {
            Assert.Fail($"{text}: {e}");
            return 0;
        }
    }
}
