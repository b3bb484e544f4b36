using System.Text.Json;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Workloads;

/// <summary>What runs for one Agent or ToolServer: the objects that every one of them has, under one name.</summary>
/// <param name="Owner">The Agent or ToolServer.</param>
/// <param name="Name">Name of all of them.</param>
/// <param name="MountsToken">True gives the pod a token of the Kubernetes API.</param>
internal sealed record Workload(KubeObject Owner, string Name, bool MountsToken = false)
{
    private string Namespace => Owner.Metadata.Namespace!;

    public string SpiffeId(AgentControllerOptions options) => WorkloadNames.SpiffeId(options.TrustDomain, Namespace, Name);

    public ObjectMeta Meta(string? name = null) => new()
    {
        Name = name ?? Name,
        Namespace = Namespace,
        Labels = ChildLabels.Of(Owner),
        OwnerReferences = [Owner.AsOwner()],
    };

    public ServiceAccount ServiceAccount() => new() { Metadata = Meta(), AutomountServiceAccountToken = false };

    public Service Service() => new()
    {
        Metadata = Meta(),
        Spec = new ServiceSpec
        {
            Selector = ChildLabels.PodSelector(Owner),
            Ports = [new ServicePort { Name = "mtls", Protocol = "TCP", Port = WorkloadPorts.Mtls, TargetPort = WorkloadPorts.Mtls }],
        },
    };

    public Deployment Deployment(AgentControllerOptions options, IReadOnlyList<Container> containers, IReadOnlyDictionary<string, string>? annotations = null) => new()
    {
        Metadata = Meta(),
        Spec = new DeploymentSpec
        {
            Replicas = 1,
            RevisionHistoryLimit = 2,
            Selector = new LabelSelector { MatchLabels = ChildLabels.PodSelector(Owner) },
            Template = new PodTemplateSpec
            {
                Metadata = new ObjectMeta { Labels = ChildLabels.Of(Owner), Annotations = annotations?.ToDictionary() },
                Spec = HardenedPod.Spec(options, Name, MountsToken, containers),
            },
        },
    };

    /// <summary>Reads as in a manifest: <c>50m</c>, <c>256Mi</c>.</summary>
    public static Dictionary<string, JsonElement> Quantities(string? cpu, string memory)
    {
        var quantities = new Dictionary<string, JsonElement> { ["memory"] = JsonSerializer.SerializeToElement(memory) };
        if (cpu is not null)
        {
            quantities["cpu"] = JsonSerializer.SerializeToElement(cpu);
        }
        return quantities;
    }
}
