namespace Castellan.Cel.Tests.Library;

public sealed class PatternTests
{
    [Theory]
    [InlineData("abc", "b", true)]
    [InlineData("abc\n", "^abc$", false)]
    [InlineData("abc\nd", "(?m)^abc$", true)]
    [InlineData("ABC", "(?i)abc", true)]
    [InlineData("a\nb", "a.b", false)]
    [InlineData("a\nb", "(?s)a.b", true)]
    [InlineData("٣", "\\d", false)]
    [InlineData("3", "\\d", true)]
    [InlineData("é", "\\w", false)]
    [InlineData("x", "[^\\D]", false)]
    [InlineData("7", "[\\D\\d]", true)]
    [InlineData("😀", "^.$", true)]
    [InlineData("😀😀", "^.{2}$", true)]
    [InlineData("é", "^\\pL$", true)]
    [InlineData("é", "^\\p{L}$", true)]
    [InlineData("é", "^\\P{L}$", false)]
    [InlineData("a7_", "^[[:alnum:]_]+$", true)]
    [InlineData("a.b", "^\\Qa.b\\E$", true)]
    [InlineData("axb", "^\\Qa.b\\E$", false)]
    [InlineData("ab", "^(?P<first>a)(?<second>b)$", true)]
    [InlineData("a{b", "a{b", true)]
    [InlineData("aaa", "^a{2,}$", true)]
    [InlineData("A", "\\x41", true)]
    [InlineData("€", "\\x{20ac}", true)]
    [InlineData("a-b", "^[a\\-b]+$", true)]
    [InlineData("]", "[]]", true)]
    [InlineData("[", "[[]", true)]
    public void Matches_WhenThePatternIsRe2_MeansTheSame(string text, string pattern, bool expected) =>
        Assert.Equal(expected, Match(text, pattern).AsBool);

    [Theory]
    [InlineData("(a)\\1")]
    [InlineData("(?=a)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)")]
    [InlineData("(?>a)")]
    [InlineData("(?x)a")]
    [InlineData("(?(1)a|b)")]
    [InlineData("a{1001}")]
    [InlineData("((a{100}){100}){100}b{1000}")]
    [InlineData("[a")]
    [InlineData("(a")]
    [InlineData("a\\")]
    [InlineData("\\y")]
    [InlineData("[[:nope:]]")]
    [InlineData("\\p{Nope}")]
    [InlineData("\\p")]
    [InlineData("*")]
    [InlineData("(?")]
    public void Matches_WhenThePatternIsNotRe2_IsAnError(string pattern) => Assert.True(Match("aaa", pattern).IsError);

    [Fact]
    public void Matches_WhenThePatternIsHostile_StaysLinear() =>
        Assert.False(Match(new string('a', 50_000) + "!", "^(a+)+$").AsBool);

    [Theory]
    [InlineData("(.{1000}){1000}x")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData("(a|b|ab)*c(x+x+)+y(.*.*.*=.*)")]
    [InlineData("(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$")]
    [InlineData("(a?){1000}a{1000}")]
    public void Matches_WhenThePatternIsLarge_EndsSoon(string pattern)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();

        Match(new string('a', 20_000), pattern);

        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 20);
    }

    private static CelValue Match(string text, string pattern)
    {
        var environment = CelEnvironment.Standard.WithVariable("t", CelType.String).WithVariable("p", CelType.String);
        return environment.Compile("t.matches(p)").Evaluate(environment.NewActivation().Set("t", CelValue.From(text)).Set("p", CelValue.From(pattern)));
    }
}
