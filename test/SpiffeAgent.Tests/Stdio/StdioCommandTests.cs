using Castellan.SpiffeAgent.Stdio;

namespace Castellan.SpiffeAgent.Tests.Stdio;

public sealed class StdioCommandTests
{
    [Theory]
    [InlineData("SPIFFE_ENDPOINT_SOCKET", true)]
    [InlineData("spiffe_endpoint_socket", true)]
    [InlineData("CASTELLAN_GATEWAY", true)]
    [InlineData("POD_IP", true)]
    [InlineData("KUBERNETES_SERVICE_HOST", true)]
    [InlineData("DOTNET_DiagnosticPorts", true)]
    [InlineData("PATH", false)]
    [InlineData("API_URL", false)]
    public void IsWithheld_OfIdentityAndControlPlane_IsTrue(string name, bool expected) => Assert.Equal(expected, StdioCommand.IsWithheld(name));

    [Fact]
    public void StartInfo_Always_KeepsPathAndWords()
    {
        var start = new StdioCommand(["npx", "-y", "server"]).StartInfo();
        Assert.Equal(("npx", "-y server"), (start.FileName, string.Join(' ', start.ArgumentList)));
        Assert.Contains("PATH", start.Environment.Keys);
        Assert.DoesNotContain(start.Environment.Keys, StdioCommand.IsWithheld);
    }
}
