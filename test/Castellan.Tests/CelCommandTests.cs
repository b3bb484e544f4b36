using Castellan.Testing;
using static Castellan.Cli.Tests.CommandLineRun;

namespace Castellan.Cli.Tests;

/// <summary><c>castellan cel</c> as a user sees it.</summary>
public sealed class CelCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-cel-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[1, 2, 3].filter(x, x > 1)", "[2,3]")]
    [InlineData("quantity('1Gi').isGreaterThan(quantity('1M'))", "true")]
    [InlineData("type(1)", "int")]
    [InlineData("'ü' + \"<\"", "\"ü<\"")]
    public async Task Eval_WhenExpressionIsValid_PrintsItsValue(string expression, string value) => Assert.Equal((0, value), await RunAsync("cel", "eval", expression));

    [Fact]
    public async Task Eval_WhenVariablesAreGiven_UsesThem()
    {
        File.WriteAllText(Path.Combine(_folder, "pod.json"), """{"metadata": {"labels": {"app": "web"}}}""");
        Assert.Equal((0, "true"), await RunAsync("cel", "eval", "pod.metadata.labels.app == name && n > 2", "--var", $"pod=@{_folder}/pod.json", "--var", "name=\"web\"", "--var", "n=3"));
    }

    [Theory]
    [InlineData("1 +", "1:4", "   ^")]
    [InlineData("pod.name", "1:1", "^")]
    [InlineData("1 / 0", "divide by zero", "^")]
    [InlineData("[1][5]", "evaluation failed", "^")]
    public async Task Eval_WhenExpressionIsWrong_PointsAtThePlace(string expression, string message, string pointer)
    {
        var (exitCode, text) = await RunAsync("cel", "eval", expression);
        Assert.Equal(1, exitCode);
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.Contains(pointer, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "write --var NAME=JSON")]
    [InlineData("x=web", "put text in double quotes")]
    [InlineData("x=@/nowhere", "check the path")]
    public async Task Eval_WhenVariableIsWrong_SaysHowToWriteIt(string variable, string remedy)
    {
        var (exitCode, text) = await RunAsync("cel", "eval", "x", "--var", variable);
        Assert.Equal(1, exitCode);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WhenCasesAreThoseOfTheSpecification_PassesAll()
    {
        var (exitCode, text) = await RunAsync("cel", "test", Path.Combine(Repository.Root, "test", "Cel.Tests", "Conformance", "cel-conformance.jsonl"), "--profile", "std");
        Assert.Equal(0, exitCode);
        Assert.Contains("873 passed, 0 failed, ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WhenACaseFails_NamesItAndEndsWithAnError()
    {
        var file = Path.Combine(_folder, "cases.jsonl");
        File.WriteAllText(file, """
            {"id": "mine/good", "section": "mine", "expr": "x + 1", "bindings": {"x": {"value": {"int": "1"}}}, "expect": {"value": {"int": "2"}}}
            {"id": "mine/bad", "section": "mine", "expr": "1 + 1", "expect": {"value": {"int": "3"}}}
            """);
        var (exitCode, text) = await RunAsync("cel", "test", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("mine/bad", text, StringComparison.Ordinal);
        Assert.Contains("gives 2", text, StringComparison.Ordinal);
        Assert.Contains("1 passed, 1 failed, 0 skipped", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "cases.jsonl:1: the case cannot be read")]
    [InlineData("{}", "cases.jsonl:1: the case has no 'expr'")]
    [InlineData("""{"expr": "1"}""", "cases.jsonl:1: the case has no 'expect'")]
    [InlineData("""{"expr": "1", "expect": {"value": {"number": 1}}}""", "there is no value of kind 'number'")]
    [InlineData("""{"expr": "1", "expect": {"value": {"int": "x"}}}""", "cases.jsonl:1: ")]
    [InlineData("""{"expr": "1", "expect": {"value": {"int": 1}}}""", "cases.jsonl:1: ")]
    public async Task Test_WhenALineIsNoCase_NamesTheLine(string line, string message)
    {
        var file = Path.Combine(_folder, "cases.jsonl");
        File.WriteAllText(file, line);
        var (exitCode, text) = await RunAsync("cel", "test", file);
        Assert.Equal(1, exitCode);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }
}
