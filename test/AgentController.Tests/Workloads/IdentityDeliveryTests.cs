using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Agents;
using Castellan.AgentController.ToolServers;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Tests.Workloads;

public sealed class IdentityDeliveryTests
{
    private static readonly AgentControllerOptions s_embedded = new() { ImageTag = "test" };

    [Fact]
    public void Embedded_ByDefault_PutsTheAgentBesideWithATokenThatNobodyElseMounts()
    {
        var plan = ToolServerPlan.From(new ToolServerObservation(Given.ContainerServer()) { TrustBundle = "{}" }, s_embedded);
        var pod = plan.Children.OfType<Deployment>().Single().Spec.Template.Spec;
        var agent = Assert.Single(pod.InitContainers!);
        Assert.Equal(("Always", "castellan.dev/spiffe-agent:test"), (agent.RestartPolicy, agent.Image));
        Assert.Equal(
            ["workload", "--server", "https://spiffe-server.castellan-system.svc:8443", "--server-id", "spiffe://castellan.local/ns/castellan-system/sa/spiffe-server"], agent.Args!);

        var proof = Assert.Single(pod.Volumes!, v => v.Projected is not null);
        Assert.Equal((TrustConfig.TokenAudience, "token"), (proof.Projected!.Sources![0].ServiceAccountToken!.Audience, proof.Projected.Sources[0].ServiceAccountToken!.Path));
        Assert.Equal("tools-files-trust", proof.Projected.Sources[1].ConfigMap!.Name);
        Assert.Equal("{}", plan.Children.OfType<ConfigMap>().Single(m => m.Metadata.Name == "tools-files-trust").Data!["bundle.json"]);
        Assert.DoesNotContain(pod.Containers, c => c.VolumeMounts!.Any(m => m.Name == proof.Name));

        // The socket reaches our container and the agent, not the third party's.
        Assert.NotNull(pod.Volumes!.Single(v => v.Name == "workload-api").EmptyDir);
        Assert.Equal(["castellan"], pod.Containers.Where(c => c.VolumeMounts!.Any(m => m.Name == "workload-api")).Select(c => c.Name));
    }

    [Fact]
    public void Embedded_WhenNothingIsPublished_StartsNoPodsAndSaysWhy()
    {
        var plan = AgentPlan.From(new AgentObservation(Given.Agent()) { Model = Given.Model() }, s_embedded);
        Assert.Equal("TrustBundleMissing", plan.Ready.Reason);
        Assert.Empty(plan.Children.OfType<Deployment>());
    }
}
