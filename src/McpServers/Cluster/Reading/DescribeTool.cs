using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Gathers what one needs to judge one object.</summary>
internal sealed class DescribeTool : IClusterTool
{
    private const int MostPods = 10, MostEvents = 15, DeepestOwner = 5;

    public ToolSpec Spec { get; } = new(
        "describe", "Describe an object",
        "Gathers what one needs to judge one object: problems found, owner chain, conditions, containers with their environment, "
        + "its pods with exit codes, and its recent events. The best next step after list, for any kind.",
        ToolEffect.Read,
        Schema.Object([Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy()], "kind", "name"),
        Schema.Output(
            ("kind", Schema.Text("Kind.")), ("name", Schema.Text("Name.")),
            ("problems", Schema.ListOf("What is wrong, in words; empty when nothing is.", new JsonObject { ["type"] = "string" })),
            ("owners", Schema.ListOf("Kind/name, nearest first.", new JsonObject { ["type"] = "string" })),
            ("conditions", Schema.ListOf("As in status.", Schema.Any("type, status, reason, message."))),
            ("containers", Schema.ListOf("From the pod template.", Schema.Any("name, image, command, env, resources."))),
            ("pods", Schema.ListOf("As in list.", Schema.Any("One pod."))),
            ("events", Schema.ListOf("Newest first.", Schema.Any("One line of events.")))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var (resource, key, found) = await call.ObjectAsync(ct).ConfigureAwait(false);
        var item = Cleaning.Clean(found);
        var pods = await WorkloadPods.OfAsync(call, found, ct).ConfigureAwait(false);
        var owners = await OwnersAsync(call, found, key.Namespace, ct).ConfigureAwait(false);
        var events = resource.Resource.Namespaced ? await EventsAsync(call, key, resource.Resource.Kind, pods, ct).ConfigureAwait(false) : [];
        var seen = new Description(item, pods, owners, events, call.Now);
        return new(TextBudget.Fit(seen.ToText(), "use get for the whole object, events for all events"), seen.ToJson());
    }

    private static async Task<IReadOnlyList<string>> OwnersAsync(ClusterCall call, JsonObject item, string ns, CancellationToken ct)
    {
        List<string> owners = [];
        for (JsonObject? current = item; current is not null && owners.Count < DeepestOwner;)
        {
            var references = Fields.Items(current, "metadata", "ownerReferences").ToList();
            if ((references.FirstOrDefault(r => Fields.Flag(r, "controller")) ?? references.FirstOrDefault()) is not { } owner) break;
            var (kind, name) = (Fields.Text(owner, "kind") ?? "", Fields.Text(owner, "name") ?? "");
            owners.Add($"{kind}/{name}");
            current = await OwnerAsync(call, Fields.Text(owner, "apiVersion") ?? "", kind, new NamespacedName(ns, name), ct).ConfigureAwait(false);
        }
        return owners;
    }

    private static async Task<JsonObject?> OwnerAsync(ClusterCall call, string apiVersion, string kind, NamespacedName key, CancellationToken ct)
    {
        if (await call.Discovery.FindAsync(apiVersion, kind, ct).ConfigureAwait(false) is not { Resource.Namespaced: true } resource) return null;
        try
        {
            return await call.Kube.FindAsync(resource.Resource, key, ct).ConfigureAwait(false);
        }
        catch (KubeException e) when (e.IsForbidden)
        {
            return null; // the chain ends where the caller's rights end
        }
    }

    private static async Task<IReadOnlyList<EventSummary>> EventsAsync(ClusterCall call, NamespacedName key, string kind, IReadOnlyList<PodSummary> pods, CancellationToken ct)
    {
        KubeList<JsonObject> all;
        try
        {
            all = await call.Kube.ListAsync(KubeResource.Of<Event>(), key.Namespace, null, ct).ConfigureAwait(false);
        }
        catch (KubeException e) when (e.IsForbidden)
        {
            return []; // the object itself may be read; that is worth more than a refusal
        }
        var about = pods.Take(MostPods).Select(p => $"Pod/{p.Name}").Append($"{kind}/{key.Name}").ToHashSet(StringComparer.Ordinal);
        return [.. EventSummary.Merge(all.Items).Where(e => about.Contains(e.Object)).Take(MostEvents)];
    }
}
