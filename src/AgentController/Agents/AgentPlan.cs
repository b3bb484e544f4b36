using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Dapr;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Agents;

/// <summary>What shall be for one agent: decided from an observation alone.</summary>
/// <param name="Ready">What to say about it.</param>
/// <param name="SpiffeId">Identity of its pods.</param>
/// <param name="Model">Provider and model, if the model is known.</param>
/// <param name="Children">Objects that shall be as described. A child that is missing here stays as it is.</param>
/// <param name="Obsolete">Bindings to take away.</param>
internal sealed record AgentPlan(Verdict Ready, string SpiffeId, string? Model, IReadOnlyList<KubeObject> Children, IReadOnlyList<RoleBinding> Obsolete)
{
    public static AgentPlan From(AgentObservation seen, AgentControllerOptions options)
    {
        var agent = seen.Agent;
        var workload = new Workload(agent, WorkloadNames.OfAgent(agent.Metadata.Name!));
        var bindings = seen.Grants.Where(g => g is { RoleExists: true, IsAccepted: true })
            .Select(g => AgentAccess.Binding(agent, workload, g)).DistinctBy(b => b.Key).ToList();
        var children = new List<KubeObject> { workload.ServiceAccount() };
        children.AddRange(bindings);
        children.AddRange(IdentityObjects.Of(workload, options, seen.TrustBundle));

        // A reference that is missing keeps new pods from starting but never stops those that run: the last good state stays in force.
        var missing = ModelFault(seen) ?? ToolFault(seen) ?? IdentityObjects.Fault(options, seen.TrustBundle);
        if (missing is null)
        {
            var sidecar = Sidecar(agent, workload, options.Workflows);
            children.AddRange(sidecar?.Objects ?? []); // before the pod: daprd looks for them when it starts
            children.Add(workload.Deployment(options, [Runtime(agent, options, sidecar)], sidecar?.Annotations));
            children.Add(workload.Service());
        }
        return new AgentPlan(
            missing ?? AgentAccess.Fault(seen) ?? WorkloadHealth.Of(seen.Deployment, seen.Pods),
            workload.SpiffeId(options),
            seen.Model is { } model ? $"{model.Spec.Provider}/{model.Spec.Model}" : null,
            children,
            AgentAccess.Obsolete(seen, bindings));
    }

    private static DaprSidecar? Sidecar(Agent agent, Workload workload, WorkflowSettings settings) => settings.Backend != WorkflowBackend.Dapr
        ? null
        : DaprSidecar.Of(() => workload.Meta(), DaprNames.AppIdOf(agent.Metadata.Namespace!, agent.Metadata.Name!), WorkloadNames.RunOrchestration, settings.Dapr);

    private static Container Runtime(Agent agent, AgentControllerOptions options, DaprSidecar? sidecar)
    {
        var container = HardenedPod.Ours(
            options, WorkloadImages.AgentRuntime, [], [HardenedPod.Variable(WorkloadEnvironment.Agent, agent.Metadata.Name!), .. sidecar?.Environment ?? [], .. options.AgentsSendTelemetry ? HardenedPod.Telemetry(options) : []]);
        container.Image = agent.Spec.Image ?? container.Image;
        return container;
    }

    private static Verdict? ModelFault(AgentObservation seen)
    {
        var name = seen.Agent.Spec.Model.Name;
        if (seen.Model is not { } model)
        {
            return Verdict.No("ModelNotFound", $"no ModelConfig '{name}' in namespace {seen.Agent.Metadata.Namespace}; create it or correct spec.model.name");
        }
        var ready = Conditions.Find(model.Status?.Conditions, ApiGroup.ReadyCondition);
        return ready?.Status == nameof(ConditionStatus.True)
            ? null
            : Verdict.No("ModelNotReady", ready is null ? $"ModelConfig '{name}' has not been checked yet" : $"ModelConfig '{name}' is not ready: {ready.Reason}: {ready.Message}");
    }

    private static Verdict? ToolFault(AgentObservation seen)
    {
        var absent = (seen.Agent.Spec.Tools ?? []).Select(t => t.Server).Where(s => !seen.ToolServers.Contains(s)).ToList();
        if (absent.Count > 0)
        {
            return Verdict.No(
                "ToolServerNotFound",
                $"no ToolServer {string.Join(", ", absent.Select(s => $"'{s}'"))} in namespace {seen.Agent.Metadata.Namespace}; create it or correct spec.tools");
        }
        return (seen.Agent.Spec.Tools ?? []).Select(t => UnknownToolFault(t, seen)).FirstOrDefault(fault => fault is not null);
    }

    // A server whose tools are not listed yet offers everything: its first answer is awaited when a run starts.
    private static Verdict? UnknownToolFault(AgentTools wanted, AgentObservation seen)
    {
        if (!seen.OfferedTools.TryGetValue(wanted.Server, out var offered))
        {
            return null;
        }
        var unknown = (wanted.Names ?? []).Concat(wanted.RequireApproval ?? []).Except(offered).ToList();
        return unknown.Count == 0 ? null : Verdict.No(
            "ToolNotFound",
            $"ToolServer '{wanted.Server}' has no tool {string.Join(", ", unknown.Select(t => $"'{t}'"))}; correct spec.tools: it has {string.Join(", ", offered)}");
    }
}
