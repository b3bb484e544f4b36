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
