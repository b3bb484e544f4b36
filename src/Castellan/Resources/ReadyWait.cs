using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;

namespace Castellan.Cli.Resources;

/// <summary>Waits until Castellan objects are Ready, watching them; says why one is not.</summary>
internal static class ReadyWait
{
    public static async Task ForAsync(ClusterAccess cluster, IReadOnlyList<ManifestObject> objects, TimeSpan timeout, TextWriter output, TimeProvider time, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        foreach (var item in objects.Where(o => o.ApiVersion.StartsWith($"{ApiGroup.Name}/", StringComparison.Ordinal)))
        {
            var resource = (await cluster.Discovery.FindAsync(item.ApiVersion, item.Kind, ct))!.Resource;
            var key = new NamespacedName(item.Namespace ?? "default", item.Name);
            var last = "no status yet";
            try
            {
                await UntilReadyAsync(cluster, resource, key, seen => last = seen, either.Token);
                await output.WriteLineAsync($"{resource.Kind.ToLowerInvariant()}/{item.Name} ready");
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new CommandFailure($"{resource.Kind.ToLowerInvariant()}/{item.Name} is not ready after {timeout.TotalSeconds:0} s: {last}", $"see 'kubectl describe {resource.Plural} {item.Name} -n {key.Namespace}'");
            }
        }
    }

    private static async Task UntilReadyAsync(ClusterAccess cluster, KubeResource resource, NamespacedName key, Action<string> seen, CancellationToken ct)
    {
        while (true)
        {
            var current = await cluster.Connection.GetAsync(resource, key, ct);
            if (IsReady(current, seen))
            {
                return;
            }
            var from = new KubeClient.WatchOptions { FieldSelector = $"metadata.name={key.Name}", ResourceVersion = (string?)current["metadata"]?["resourceVersion"] };
            await foreach (var change in cluster.Connection.WatchAsync(resource, key.Namespace, from, ct))
            {
                if (change.Object is { } now && IsReady(now, seen))
                {
                    return;
                }
            }
        }
    }

    // A tool server is of use once the gateway has listed its tools, too.
    private static bool IsReady(JsonObject value, Action<string> seen) =>
        Holds(value, ApiGroup.ReadyCondition, seen) && ((string?)value["kind"] != nameof(ToolServer) || Holds(value, ApiGroup.DiscoveredCondition, seen));

    private static bool Holds(JsonObject value, string type, Action<string> seen)
    {
        var condition = (value["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c?["type"] == type);
        if (condition is null)
        {
            return false;
        }
        seen($"{(string?)condition["reason"]}: {(string?)condition["message"]}");
        // A condition of an older generation says nothing about what was just applied.
        return (string?)condition["status"] == "True" && ((long?)condition["observedGeneration"] ?? 0) >= ((long?)value["metadata"]?["generation"] ?? 0);
    }
}
