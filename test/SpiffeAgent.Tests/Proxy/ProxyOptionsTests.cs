using Castellan.SpiffeAgent.Proxy;

namespace Castellan.SpiffeAgent.Tests.Proxy;

public sealed class ProxyOptionsTests
{
    private static readonly Dictionary<string, string?> s_environment = new()
    {
        ["POD_IP"] = "127.64.0.9", ["CASTELLAN_GATEWAY_ID"] = "spiffe://castellan.local/ns/castellan-system/sa/gateway",
    };

    [Theory]
    [InlineData("proxy --upstream http://127.0.0.1:8000/mcp")]
    [InlineData("proxy --stdio -- npx -y some-server --flag")]
    [InlineData("proxy --allow spiffe://partner.example --allow spiffe://castellan.local/ns/default/sa/* --upstream http://127.0.0.1:8000/mcp")]
    public void Faults_WhenRight_AreNone(string line) => Assert.Empty(Read(line).Faults());

    [Fact]
    public void From_WhenStdio_KeepsEveryWordOfTheCommand() =>
        Assert.Equal(["npx", "-y", "x", "--", "--stdio"], Read("proxy --stdio -- npx -y x -- --stdio").Command);

    [Theory]
    [InlineData("", "not understood")]
    [InlineData("proxy", "not understood")]
    [InlineData("proxy --upstream", "not understood")]
    [InlineData("proxy --stdio npx", "not understood")]
    [InlineData("proxy --stdio --", "no command")]
    [InlineData("proxy --upstream http://10.0.0.1:8000/mcp", "loopback only")]
    [InlineData("proxy --upstream https://127.0.0.1:8000/mcp", "loopback only")]
    [InlineData("proxy --upstream nonsense", "loopback only")]
    [InlineData("proxy --allow everybody --upstream http://127.0.0.1:8000/mcp", "--allow: 'everybody' is no rule for peers")]
    [InlineData("proxy --allow", "not understood")]
    public void Faults_WhenWrong_SayWhatToWrite(string line, string expected) => Assert.Contains(expected, Assert.Single(Read(line).Faults()));

    [Fact]
    public void Faults_WhenVariablesAreMissing_NameThem()
    {
        var faults = ProxyOptions.From(["proxy", "--upstream", "http://127.0.0.1:1/"], _ => null).Faults().ToList();
        Assert.Equal(["POD_IP", "CASTELLAN_GATEWAY_ID"], faults.Select(f => f.Split(' ')[0]));
    }

    private static ProxyOptions Read(string line) =>
        ProxyOptions.From(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => s_environment.GetValueOrDefault(name));
}
