namespace Castellan.Cel.Tests.Compilation;

public sealed class CheckerTests
{
    private static readonly CelEnvironment Environment = CelEnvironment.Standard
        .WithVariable("call", CelType.Object("call", new("tool", CelType.String), new("args", CelType.Map(CelType.String, CelType.Dyn)), new("count", CelType.Int)))
        .WithVariable("names", CelType.List(CelType.String));

    [Theory]
    [InlineData("cal.tool", "1:1: unknown variable 'cal'; did you mean 'call'?")]
    [InlineData("names.all(n, m == 'x')", "1:14: unknown variable 'm'; did you mean 'n'?")]
    [InlineData("names.all(n, xyz == 'x')", "1:14: unknown variable 'xyz'; known are call, n, names")]
    [InlineData("call.tol", "1:6: unknown field 'tol' of call; did you mean 'tool'?")]
    [InlineData("call.whatever", "1:6: unknown field 'whatever' of call; known are args, count, tool")]
    [InlineData("has(call.tol)", "1:10: unknown field 'tol' of call; did you mean 'tool'?")]
    [InlineData("call.?tol", "1:7: unknown field 'tol' of call; did you mean 'tool'?")]
    [InlineData("call.tool.length()", "1:11: unknown function 'length'")]
    [InlineData("call.tool.size", "1:11: string has no fields, so no 'size'")]
    [InlineData("call.tool == 1", "1:11: '==' does not apply to string and int; convert one of them, for example with int(), string() or dyn()")]
    [InlineData("call.tool + 1", "1:11: '+' does not apply to string and int; convert one of them, for example with int(), string() or dyn()")]
    [InlineData("-call.tool", "1:1: '-' does not apply to string; convert one of them, for example with int(), string() or dyn()")]
    [InlineData("call.tool && true", "1:6: && joins bool, not string; compare it, for example with ==")]
    [InlineData("call.count ? 1 : 2", "1:6: the condition of ?: must be bool, not int; compare it, for example with ==")]
    [InlineData("true ? 1 : 'a'", "1:6: the branches of ?: give int and string; give both one type, or wrap them in dyn()")]
    [InlineData("size(call.count)", "1:1: size(int) does not exist; the forms are size(string), string.size(), size(bytes), bytes.size(), size(list(A)), list(A).size(), size(map(A, B)), map(A, B).size()")]
    [InlineData("call.count.all(x, true)", "1:12: int has no elements to visit; use a list or a map")]
    [InlineData("names.filter(n, n)", "1:17: the condition must be bool, not string; compare it, for example with ==")]
    [InlineData("names.matches('x')", "1:7: list(string).matches(string) does not exist; the forms are string.matches(string), matches(string, string)")]
    [InlineData("call.tool.matches('(?=a)')", "1:11: the pattern is invalid: '(?=a' is not supported; look-around, atomic groups and conditions are not part of RE2")]
    [InlineData("Foo{a: 1}", "1:1: unknown type 'Foo'; write a map: {'key': value}")]
    [InlineData("google.protobuf.Int32Value{valu: 1}", "1:28: unknown field 'valu' of google.protobuf.Int32Value; did you mean 'value'?")]
    [InlineData("[?1]", "1:2: a value after ? must be optional, not int; wrap it in optional.of(), or leave the ? out")]
    public void Compile_WhenTheExpressionDoesNotFit_SaysWhereAndWhatToDo(string expression, string fault)
    {
        Assert.False(Environment.TryCompile(expression, null, out _, out var faults));

        Assert.Equal(fault, faults[0].ToString());
    }

    [Fact]
    public void Compile_WhenSeveralThingsAreWrong_NamesAll()
    {
        Environment.TryCompile("call.tol == 'x' ||\n cal.tool == 'y'", null, out _, out var faults);

        Assert.Equal(["1:6", "2:2"], faults.Select(f => $"{f.Line}:{f.Column}"));
    }

    [Theory]
    [InlineData("call.tool", "string")]
    [InlineData("call.args.x", "dyn")]
    [InlineData("[1, 2]", "list(int)")]
    [InlineData("[1, 'a']", "list(dyn)")]
    [InlineData("[]", "list(dyn)")]
    [InlineData("[] + [1]", "list(int)")]
    [InlineData("{'a': [1u]}", "map(string, list(uint))")]
    [InlineData("names.map(n, size(n))", "list(int)")]
    [InlineData("names.transformMap(i, n, n == 'x')", "map(int, bool)")]
    [InlineData("{'a': 1}.?b", "optional_type(int)")]
    [InlineData("{'a': 1}.?b.orValue(0)", "int")]
    [InlineData("true ? [1] : []", "list(int)")]
    [InlineData("names[0]", "string")]
    [InlineData("type(1)", "type(dyn)")]
    [InlineData("names.exists(n, n in ['a'])", "bool")]
    [InlineData("timestamp('2020-01-01T00:00:00Z') - duration('1s')", "google.protobuf.Timestamp")]
    public void Compile_WhenTheExpressionFits_KnowsItsType(string expression, string type) =>
        Assert.Equal(type, Environment.Compile(expression).ResultType.ToString());

    [Fact]
    public void Compile_WhenAnotherTypeIsWanted_IsAFault()
    {
        Assert.False(Environment.TryCompile("call.tool", CelType.Bool, out _, out var faults));
        Assert.Equal("the expression gives string", Assert.Single(faults).Message);
        Assert.True(Environment.TryCompile("call.args.x", CelType.Bool, out _, out _));
    }

    [Theory]
    [InlineData("{{{0}: {0}}}")]
    [InlineData("dyn({{{0}: {0}}}) == {0} ? {{{0}: {0}}} : {{{0}: {0}}}")]
    public void Compile_WhenTypesDoubleWithEachStep_EndsSoon(string step)
    {
        var text = "m150";
        for (var i = 150; i > 0; i--) text = $"cel.bind(m{i}, {string.Format(System.Globalization.CultureInfo.InvariantCulture, step, $"m{i - 1}")}, {text})";

        Environment.TryCompile($"cel.bind(m0, {{}}, {text})", null, out _, out _);
    }

    [Fact]
    public void Compile_WhenOpenTypesDoubleWithEachStep_EndsSoon()
    {
        var terms = string.Join(" && ", Enumerable.Range(1, 100).Reverse().Select(i => $"m{i}[m{i - 1}] == m{i - 1}"));
        for (var i = 100; i >= 0; i--) terms = $"cel.bind(m{i}, {{}}, {terms})";

        Environment.TryCompile(terms, null, out _, out _);
    }

    [Fact]
    public void WithFunctions_WhenAHostAddsAFunction_ItIsCheckedAndCalled()
    {
        var environment = Environment.WithFunctions(
            CelOverload.Global("twice", [CelType.Int], CelType.Int, a => CelValue.From(a[0].AsInt * 2)),
            CelOverload.Member("shout", [CelType.String], CelType.String, a => CelValue.From(a[0].AsString + "!")));

        Assert.Equal("42!", environment.Compile("string(twice(21)).shout()").Evaluate(environment.NewActivation()).AsString);
        Assert.False(environment.TryCompile("twice('a')", null, out _, out _));
    }
}
