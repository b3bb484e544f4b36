using Castellan.KubeClient.Discovery;
using Microsoft.AspNetCore.Http;

namespace Castellan.KubeClient.Tests;

public sealed class DiscoveryTests
{
    [Theory]
    [InlineData("po", "pods")]
    [InlineData("Pod", "pods")]
    [InlineData("deploy", "deployments")]
    [InlineData("deployments.apps", "deployments")]
    [InlineData("deployment.v1.apps", "deployments")]
    [InlineData("nothing", null)]
    [InlineData("pods.apps", null)]
    public async Task Find_WhenNameIsTyped_KnowsTheResource(string name, string? plural)
    {
        await using var server = await StubApiServer.StartAsync();
        server.Override = async http =>
        {
            var answer = http.Request.Path.Value switch
            {
                "/api/v1" => """{"resources":[{"name":"pods","kind":"Pod","namespaced":true,"shortNames":["po"],"verbs":["list"]},{"name":"pods/log","kind":"Pod","namespaced":true}]}""",
                "/apis" => """{"groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}""",
                "/apis/apps/v1" => """{"resources":[{"name":"deployments","singularName":"deployment","kind":"Deployment","namespaced":true,"shortNames":["deploy"],"categories":["all"]}]}""",
                _ => null,
            };
            if (answer is null) return false;
            await http.Response.WriteAsync(answer);
            return true;
        };
        using var kube = new KubeConnection(server.Config);

        Assert.Equal(plural, (await new KubeDiscovery(kube).FindAsync(name))?.Resource.Plural);
    }
}
