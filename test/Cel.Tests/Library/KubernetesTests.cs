using System.Text.Json.Nodes;

namespace Castellan.Cel.Tests.Library;

/// <summary>Functions that Kubernetes adds, and the regex extension: each expression is true.</summary>
public sealed class KubernetesTests
{
    [Theory]
    [InlineData("[1, 2, 2].isSorted() && !['b', 'a'].isSorted() && [].isSorted()")]
    [InlineData("[1, 2, 3].sum() == 6 && [1.5, 2.5].sum() == 4.0 && [duration('1s'), duration('1m')].sum() == duration('61s')")]
    [InlineData("[3, 1, 2].min() == 1 && ['a', 'c', 'b'].max() == 'c'")]
    [InlineData("[1, 2, 2].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && [1].indexOf(9) == -1")]
    [InlineData("'abc 123'.find('[0-9]+') == '123' && 'abc'.find('x') == '' && '1 2 3'.findAll('[0-9]') == ['1', '2', '3'] && '1 2 3'.findAll('[0-9]', 2) == ['1', '2']")]
    [InlineData("regex.replace('hello world', '(h)(e)', '\\\\2\\\\1') == 'ehllo world' && regex.replace('aaa', 'a', 'b', 2) == 'bba'")]
    [InlineData("regex.extract('item-42', 'item-([0-9]+)').value() == '42' && !regex.extract('x', 'y').hasValue() && regex.extractAll('a1b2', '[a-z]([0-9])') == ['1', '2']")]
    [InlineData("url('https://user@example.com:8443/a/b?x=1&x=2&y=%20#f').getHost() == 'example.com:8443'")]
    [InlineData("url('https://example.com:8443/a').getPort() == '8443' && url('https://example.com/a').getPort() == '' && url('https://[::1]:80/').getHostname() == '::1'")]
    [InlineData("url('https://example.com/a/b?x=1').getEscapedPath() == '/a/b' && url('https://example.com').getScheme() == 'https' && url('/only/path').getHost() == ''")]
    [InlineData("url('https://e.com/?x=1&x=2&y=%20').getQuery() == {'x': ['1', '2'], 'y': [' ']}")]
    [InlineData("isURL('https://example.com') && isURL('/path') && !isURL('not a url') && !isURL('../x')")]
    [InlineData("quantity('1500m') == quantity('1.5') && quantity('1Gi').asInteger() == 1073741824 && quantity('2e3').asInteger() == 2000")]
    [InlineData("quantity('100m').add(quantity('200m')) == quantity('300m') && quantity('1').sub(2).sign() == -1 && quantity('1').isLessThan(quantity('1k'))")]
    [InlineData("quantity('50k').compareTo(quantity('50000')) == 0 && !quantity('500m').isInteger() && quantity('500m').asApproximateFloat() == 0.5")]
    [InlineData("isQuantity('1.3Gi') && !isQuantity('1,3') && !isQuantity('Gi') && !isQuantity('10Mo') && !isQuantity('1e999')")]
    [InlineData("semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0')) && semver('1.0.0-2').isLessThan(semver('1.0.0-10'))")]
    [InlineData("semver('1.0.0-alpha').isLessThan(semver('1.0.0-alpha.1')) && semver('1.0.0-1').isLessThan(semver('1.0.0-a')) && semver('1.0.0+a') == semver('1.0.0+b')")]
    [InlineData("semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3 && semver('v01.2', true).compareTo(semver('1.2.0')) == 0")]
    [InlineData("!isSemver('1.2') && !isSemver('01.2.3') && !isSemver('v1.2.3') && isSemver('1.2.3-a.b+c') && isSemver('v1.2', true)")]
    [InlineData("type(quantity('1')) == kubernetes.Quantity && string(ip('::1')) == '::1'")]
    public void Expression_WhenEvaluated_IsTrue(string expression)
    {
        var value = CelEnvironment.Standard.Compile(expression).Evaluate(CelEnvironment.Standard.NewActivation());

        Assert.True(value.IsTrue, $"{value}");
    }

    [Theory]
    [InlineData("[].min()")]
    [InlineData("[dyn(1), dyn('a')].max()")]
    [InlineData("quantity('x')")]
    [InlineData("quantity('500m').asInteger()")]
    [InlineData("semver('1')")]
    [InlineData("url(':')")]
    [InlineData("regex.extract('a', '(a)(b)')")]
    [InlineData("regex.replace('a', 'a', '\\\\7')")]
    public void Expression_WhenItCannotBe_IsAnError(string expression) =>
        Assert.True(CelEnvironment.Standard.Compile(expression).Evaluate(CelEnvironment.Standard.NewActivation()).IsError);

    [Fact]
    public void Query_WhenGivenJson_Evaluates()
    {
        var variables = new Dictionary<string, JsonNode?> { ["a"] = JsonNode.Parse("""{"b":[1,2]}"""), ["c"] = null };

        Assert.True(CelQuery.Evaluate("a.b.sum() == 3 && c == null", variables).IsTrue);
    }
}
