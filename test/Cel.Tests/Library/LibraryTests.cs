namespace Castellan.Cel.Tests.Library;

/// <summary>What the conformance cases leave out: each expression is true.</summary>
public sealed class LibraryTests
{
    [Theory]
    [InlineData("'abc'.replace('', '-') == '-a-b-c-'")]
    [InlineData("'abc'.replace('', '-', 2) == '-a-bc'")]
    [InlineData("''.replace('', 'x') == 'x'")]
    [InlineData("'😀'.replace('', '-') == '-😀-'")]
    [InlineData("'aaa'.replace('a', 'b', 2) == 'bba'")]
    [InlineData("'a,b,c'.split(',', 2) == ['a', 'b,c']")]
    [InlineData("'abc'.split('') == ['a', 'b', 'c']")]
    [InlineData("'abc'.split('', 2) == ['a', 'bc']")]
    [InlineData("''.split('') == []")]
    [InlineData("['a', 'b', 'c'].slice(1, 3) == ['b', 'c']")]
    [InlineData("[[1, [2]], [3]].flatten() == dyn([1, [2], 3])")]
    [InlineData("[[1, [2]], [3]].flatten(2) == dyn([1, 2, 3])")]
    [InlineData("[1, 2, 1.0, 3u, 3].distinct() == [1, 2, 3]")]
    [InlineData("[3, 1, 2].sort() == [1, 2, 3]")]
    [InlineData("['bb', 'a', 'ccc'].sortBy(s, -size(s)) == ['ccc', 'bb', 'a']")]
    [InlineData("[1, 2, 3].reverse() == [3, 2, 1]")]
    [InlineData("lists.range(3) == [0, 1, 2]")]
    [InlineData("[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && !dyn([]).first().hasValue()")]
    [InlineData("sets.contains([1, 2, 3], [2, 1.0]) && !sets.contains([1], [2])")]
    [InlineData("sets.equivalent([1, 2, 2], [2u, 1]) && sets.intersects([1, 2], [2, 3]) && !sets.intersects([], [1])")]
    [InlineData("optional.unwrap([optional.of(1), optional.none()]) == [1] && [optional.of(2)].unwrapOpt() == [2]")]
    [InlineData("{'a': 1}.transformMapEntry(k, v, {string(v): k}) == {'1': 'a'}")]
    [InlineData("string(1e22) == '10000000000000000000000' && string(1.5e-7) == '0.00000015' && string(-1.0) == '-1'")]
    [InlineData("string(duration('-1.5s')) == '-1.5s' && duration('1h1m1s1ms1us1ns') > duration('3661s')")]
    [InlineData("duration('0') == duration('0s') && duration('.5s') == duration('500ms')")]
    [InlineData("string(timestamp('2020-01-01T00:00:00.120+01:00')) == '2019-12-31T23:00:00.12Z'")]
    [InlineData("cidr('10.0.0.0/8').prefixLength() == 8 && isCIDR('::/0') && !isCIDR('10.0.0.0/33') && !isIP('010.0.0.1') && !isIP('1.2.3')")]
    [InlineData("base64.decode('aGk') == b'hi' && base64.decode('aGk=') == b'hi'")]
    [InlineData("math.sqrt(16) == 4.0 && math.least([2, 1u]) == 1")]
    [InlineData("'%.2f|%e|%d|%s|%x|%o|%b'.format([1.005, 0.0, 3, [1, 'a'], 255, 8, -5]) == '1.00|0.000000e+00|3|[1, a]|ff|10|-101'")]
    [InlineData("'\\U0001F600'.size() == 1 && size('e\\u0301') == 2 && '\\uFFFF' < '\\U00010000'")]
    [InlineData("1u < 2 && 3 > 2.5 && {1: 'a'}[1u] == 'a' && 1.0 in [1]")]
    [InlineData("strings.quote('a\\n\"b') == '\"a\\\\n\\\\\"b\"'")]
    public void Expression_WhenEvaluated_IsTrue(string expression)
    {
        var value = CelEnvironment.Standard.CompileUnchecked(expression).Evaluate(CelEnvironment.Standard.NewActivation());

        Assert.True(value.IsTrue, $"{value}");
    }

    [Theory]
    [InlineData("'a'.substring(2, 1)")]
    [InlineData("[1].slice(0, 2)")]
    [InlineData("lists.range(100000000)")]
    [InlineData("[1, 'a'].sort()")]
    [InlineData("[[1], [2]].sort()")]
    [InlineData("'%.9999f'.format([1.0])")]
    [InlineData("'%'.format([])")]
    [InlineData("base64.decode('!')")]
    [InlineData("duration('9999999999999999999999999h')")]
    [InlineData("duration('1')")]
    [InlineData("duration('1.2.3s')")]
    [InlineData("duration('s')")]
    [InlineData("duration('')")]
    [InlineData("timestamp('2020-01-01T24:00:00Z')")]
    [InlineData("timestamp('2020-01-01')")]
    [InlineData("timestamp('2020-01-01T00:00:00Z').getHours('Nowhere/Land')")]
    [InlineData("int('1_000')")]
    [InlineData("int(' 1')")]
    [InlineData("double('1,5')")]
    [InlineData("uint('-1')")]
    [InlineData("math.bitShiftLeft(1, -1)")]
    [InlineData("-(-9223372036854775807 - 1)")]
    public void Expression_WhenItCannotBe_IsAnError(string expression) =>
        Assert.True(CelEnvironment.Standard.CompileUnchecked(expression).Evaluate(CelEnvironment.Standard.NewActivation()).IsError);
}
