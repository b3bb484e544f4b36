using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentController.Identity;

/// <summary>
/// Finds out whether an agent's pod really has its identity, by asking it, and writes that into fields of its own of the Agent's status. A loop
/// of its own, so that a pod that does not answer holds up nothing else.
/// </summary>
internal sealed class AgentIdentityReconciler(KubeConnection kube, ControllerCaches caches, AgentControllerOptions options, CardReader? cards) : IReconciler<Agent>
{
    private readonly ConcurrentDictionary<NamespacedName, Look> _looks = new();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (caches.Agents.Find(key) is not { Metadata.DeletionTimestamp: null } agent)
        {
            _looks.TryRemove(key, out _);
            return ReconcileResult.Done;
        }

        // Our own status write comes back as an event; only another pod, another spec, or time leads to a new look.
        var pod = IdentityPlan.PodToAsk(ControllerCaches.Of<Agent, Pod>(caches.Pods, key));
        var state = $"{agent.Metadata.Uid} {agent.Metadata.Generation} {pod?.Metadata.Uid} {pod?.Status!.ContainerStatuses?.Sum(c => c.RestartCount)}";
        var now = kube.Time.GetUtcNow();
        if (_looks.TryGetValue(key, out var last) && last.State == state && last.Again > now)
        {
            return last.Again == DateTimeOffset.MaxValue ? ReconcileResult.Done : ReconcileResult.After(last.Again - now);
        }

        var plan = await LookAsync(key, pod, ct);
        await ReportAsync(agent, plan, ct);
        _looks[key] = new Look(state, plan.LookAgain is { } wait ? now + wait : DateTimeOffset.MaxValue);
        return plan.LookAgain is { } again ? ReconcileResult.After(again) : ReconcileResult.Done;
    }

    private async Task<IdentityPlan> LookAsync(NamespacedName key, Pod? pod, CancellationToken ct)
    {
        if (cards is null)
        {
            return IdentityPlan.WithoutOwnIdentity;
        }

        if (pod is null)
        {
            return IdentityPlan.WithoutPod;
        }

        var id = SpiffeId.Parse(WorkloadNames.SpiffeId(options.TrustDomain, key.Namespace, WorkloadNames.OfAgent(key.Name)));
        return IdentityPlan.From(id, await cards.ReadAsync(pod, id, ct), kube.Time.GetUtcNow());
    }

    private async Task ReportAsync(Agent agent, IdentityPlan plan, CancellationToken ct)
    {
        var before = Conditions.Find(agent.Status?.Conditions, ApiGroup.IdentityReadyCondition);
        var after = Conditions.Next(agent.Status?.Conditions, ApiGroup.IdentityReadyCondition, plan.Ready, agent.Metadata.Generation, kube.Time.GetUtcNow());
        if (before == after && agent.Status?.Identity == plan.Identity)
        {
            return;
        }

        var resource = KubeResource.Of<Agent>();
        var status = new JsonObject { ["conditions"] = new JsonArray(JsonSerializer.SerializeToNode(after, KubeJson.Options)) };
        if (plan.Identity is { } identity)
        {
            status["identity"] = JsonSerializer.SerializeToNode(identity, KubeJson.Options);
        }

        try
        {
            await kube.ApplyStatusAsync(resource, new JsonObject
            {
                ["apiVersion"] = resource.ApiVersion,
                ["kind"] = resource.Kind,
                ["metadata"] = new JsonObject { ["name"] = agent.Key.Name, ["namespace"] = agent.Key.Namespace },
                ["status"] = status,
            }, ApiGroup.IdentityFieldManager, force: true, ct);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            // Deleted meanwhile: nobody is left to tell.
        }
    }

    private sealed record Look(string State, DateTimeOffset Again);
}
