namespace Castellan.Cel.Tests.Syntax;

public sealed class ParserTests
{
    [Theory]
    [InlineData("", "1:1: unexpected the end; a value is expected here")]
    [InlineData("1 +", "1:4: unexpected the end; a value is expected here")]
    [InlineData("1 +\n  * 2", "2:3: unexpected '*'; a value is expected here")]
    [InlineData("(1", "1:3: unexpected the end; ')' is expected here")]
    [InlineData("[1, 2", "1:6: unexpected the end; ',' or ']' is expected here")]
    [InlineData("{1: 2", "1:6: unexpected the end; ',' or '}' is expected here")]
    [InlineData("{1}", "1:3: unexpected '}'; ':' is expected here")]
    [InlineData("f(1,)", "1:5: unexpected ')'; an argument is expected here")]
    [InlineData("1 2", "1:3: unexpected '2'; an operator or the end is expected here")]
    [InlineData("'abc", "1:1: the text is not closed; end it with '")]
    [InlineData("'''a\nb", "1:1: the text is not closed; end it with '''")]
    [InlineData("'\\q'", "1:2: unknown escape in the text; write \\\\ for a backslash, or prefix the text with r")]
    [InlineData("'\\ud800'", "1:2: U+D800 is no character")]
    [InlineData("'\\U00110000'", "1:2: U+110000 is no character")]
    [InlineData("b'\\u0041'", "1:3: unknown escape in the text; write \\\\ for a backslash, or prefix the text with r")]
    [InlineData("'\\400'", "1:2: unknown escape in the text; write \\\\ for a backslash, or prefix the text with r")]
    [InlineData("9223372036854775808", "1:1: 9223372036854775808 does not fit into a signed integer of 64 bits; write a 'u' after it for an unsigned one")]
    [InlineData("18446744073709551616u", "1:1: 18446744073709551616 does not fit into 64 bits")]
    [InlineData("1e999", "1:1: 1e999 is too large for a double")]
    [InlineData("1x", "1:2: unexpected 'x' after the number 1")]
    [InlineData("0x", "1:1: 0x without a digit")]
    [InlineData("for", "1:1: 'for' is a reserved word; choose another name")]
    [InlineData("a.in", "1:3: unexpected 'in'; a field or function name is expected here")]
    [InlineData("`a`", "1:1: unexpected 'a'; a value is expected here")]
    [InlineData("a.`b", "1:3: the quoted name is not closed; end it with `")]
    [InlineData("a.`b#`", "1:3: `b#` is no quoted name; use letters, digits, '_', '.', '-', '/' and blanks, or index with a string")]
    [InlineData("a = 1", "1:3: unexpected character '='; write == to compare")]
    [InlineData("a # b", "1:3: unexpected character '#'")]
    [InlineData("has(a)", "1:1: has() takes a field selection; write has(a.b)")]
    [InlineData("[1].map(a.b, 1)", "1:11: the argument is no simple name; write a name for the variable here")]
    [InlineData("[1].all(x, x, true)", "1:12: the variable 'x' is named twice; give the variables different names")]
    public void Compile_WhenTheTextIsNoExpression_SaysWhereAndWhatIsExpected(string expression, string fault)
    {
        var error = Assert.Throws<CelCompileException>(() => CelEnvironment.Standard.CompileUnchecked(expression));

        Assert.Equal(fault, Assert.Single(error.Faults).ToString());
    }

    public static TheoryData<string> Deep => new()
    {
        new string('(', 49_000) + "1" + new string(')', 49_000),
        new string('[', 50_000),
        new string('!', 50_000) + "true",
        new string('-', 50_000) + "x",
        "a" + string.Concat(Enumerable.Repeat(".a", 45_000)),
        "a" + string.Concat(Enumerable.Repeat("[0]", 30_000)),
        "1" + string.Concat(Enumerable.Repeat("+1", 45_000)),
        "1" + string.Concat(Enumerable.Repeat("<1", 45_000)),
        string.Concat(Enumerable.Repeat("true?true:", 9_000)) + "true",
        string.Concat(Enumerable.Repeat("{1:", 30_000)),
        string.Concat(Enumerable.Repeat("f(", 45_000)),
        string.Concat(Enumerable.Repeat("[1].map(x,", 9_000)),
        "x" + string.Concat(Enumerable.Repeat(".f()", 20_000)),
        new string('a', 200_000),
    };

    [Theory]
    [MemberData(nameof(Deep))]
    public void Compile_WhenTheTextIsTooDeepOrLong_IsAFault(string expression)
    {
        var error = Assert.Throws<CelCompileException>(() => CelEnvironment.Standard.Compile(expression));

        Assert.True(error.Faults[0].Message is "the expression is nested too deeply" or "the expression has 200000 characters", error.Message);
    }

    [Fact]
    public void Compile_WhenAChainOfTermsIsLong_IsNoFault()
    {
        var chain = string.Join(" || ", Enumerable.Repeat("false", 10_000)) + " || true";

        Assert.True(Evaluate(chain).IsTrue);
    }

    [Theory]
    [InlineData("1 + 2 * 3", 7L)]
    [InlineData("-2 - -3", 1L)]
    [InlineData("8 / 2 / 2", 2L)]
    [InlineData("2 // a comment\n + 3", 5L)]
    [InlineData("- 5", -5L)]
    [InlineData("true || false && false ? 1 : 2", 1L)]
    public void Compile_WhenOperatorsMix_BindsAsTheSpecificationSays(string expression, long expected) =>
        Assert.Equal(CelValue.From(expected), Evaluate(expression));

    private static CelValue Evaluate(string expression) =>
        CelEnvironment.Standard.Compile(expression).Evaluate(CelEnvironment.Standard.NewActivation());
}
