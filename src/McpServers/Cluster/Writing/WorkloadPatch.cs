using System.Net;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Writing;

/// <summary>Changes a workload as it was read: if somebody else changed it meanwhile, it is read again.</summary>
internal static class WorkloadPatch
{
    private const int Attempts = 4;

    /// <param name="call">The call.</param>
    /// <param name="change">From the object as read to JSON patch operations; none leaves it as it is.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The object before and after.</returns>
    public static async Task<(KubeResource Resource, NamespacedName Key, JsonObject Before, JsonObject After)> ApplyAsync(
        ClusterCall call, Func<JsonObject, IEnumerable<JsonObject>> change, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (resource, key, before) = await call.ObjectAsync(ct).ConfigureAwait(false);
            var operations = change(before).ToList();
            if (operations.Count == 0) return (resource.Resource, key, before, before);
            // The version test makes read-modify-write safe with every kind of patch support.
            var version = new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = Fields.Text(before, "metadata", "resourceVersion") };
            try
            {
                var after = await call.Kube.PatchAsync(
                    resource.Resource, key, KubePatch.Json([version, .. operations]), null, new WriteOptions { FieldManager = ClusterCall.FieldManager }, ct).ConfigureAwait(false);
                return (resource.Resource, key, before, after);
            }
            catch (KubeException e) when (attempt < Attempts)
            {
                // If somebody else changed it between our read and our write, we decide again on what it is now.
                if (!e.IsConflict && !await IsStaleAsync(call, resource.Resource, key, before, e, ct).ConfigureAwait(false)) throw;
            }
        }
    }

    /// <summary>Where a workload's pod template stands.</summary>
    /// <exception cref="ToolProblem">The kind has none.</exception>
    public static JsonObject TemplateOf(JsonObject workload) => Fields.At(workload, "spec", "template") as JsonObject
        ?? throw new ToolProblem($"{Fields.Text(workload, "kind")} has no pod template", "name a Deployment, StatefulSet or DaemonSet; describe shows the owner of a pod");

    // A failed test is answered 422 with no reason that a program could tell from other invalid patches.
    private static async Task<bool> IsStaleAsync(ClusterCall call, KubeResource resource, NamespacedName key, JsonObject before, KubeException failure, CancellationToken ct)
    {
        if (failure.Code is not (HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError)) return false;
        var now = await call.Kube.FindAsync(resource, key, ct).ConfigureAwait(false);
        return now is not null && Fields.Text(now, "metadata", "resourceVersion") != Fields.Text(before, "metadata", "resourceVersion");
    }
}
