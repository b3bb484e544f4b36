using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentController.Dapr;
using Castellan.AgentController.Spire;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeClient;

namespace Castellan.AgentController.Cluster;

/// <summary>
/// Applies children with server-side apply. A child that was applied with the same content before, and that nobody touched since, is left alone,
/// so that a reconcile of an unchanged object costs no request.
/// </summary>
internal sealed class ChildWriter(KubeConnection kube, ControllerCaches caches)
{
    private readonly ConcurrentDictionary<(string Kind, NamespacedName Key), Applied> last = new();

    /// <summary>Makes the children as described.</summary>
    /// <returns>What the API server refused; empty if nothing. One refusal does not keep the others from being applied.</returns>
    public async Task<IReadOnlyList<ChildRefusal>> ApplyAsync(IEnumerable<KubeObject> children, CancellationToken ct)
    {
        var refusals = new List<ChildRefusal>();
        foreach (var child in children)
        {
            try
            {
                await ApplyAsync(child, ct);
            }
            catch (KubeException e) when (e.IsForbidden || e.IsInvalid || e.IsConflict || (e.IsNotFound && child is DaprComponent or DaprConfiguration or WorkflowAccessPolicy or ClusterSpiffeId))
            {
                refusals.Add(new ChildRefusal(child, e));
            }
        }
        return refusals;
    }

    /// <summary>Takes children away; those already gone are no error.</summary>
    public async Task DeleteAsync(IEnumerable<KubeObject> children, CancellationToken ct)
    {
        foreach (var child in children)
        {
            // Only this incarnation: what others made under the same name meanwhile is theirs.
            var which = new DeleteOptions { Preconditions = new DeletePreconditions(child.Metadata.Uid) };
            await kube.DeleteAsync(KubeResource.Of(child.GetType()), child.Key, which, ct);
            last.TryRemove((child.Kind!, child.Key), out _);
        }
    }

    /// <summary>Takes a cluster-scoped child away whose name tells whose it is; one that is not there, of a kind that may not be there, is no error.</summary>
    public Task DeleteAsync<T>(string name, CancellationToken ct) where T : KubeObject => kube.DeleteAsync<T>(new NamespacedName("", name), ct: ct);

    private async Task ApplyAsync(KubeObject child, CancellationToken ct)
    {
        var id = (child.Kind!, child.Key);
        var body = JsonSerializer.SerializeToNode(child, child.GetType(), KubeJson.Options)!.AsObject();
        var digest = Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body)));
        if (last.TryGetValue(id, out var before) && before.Digest == digest && caches.Find(child) is { } now && before.Version == VersionOf(now))
        {
            return;
        }
        var written = await kube.ApplyAsync(KubeResource.Of(child.GetType()), body, ApiGroup.FieldManager, force: true, ct: ct);
        last[id] = new Applied(digest, VersionOf(child, written));
    }

    // A Deployment's status changes all the time; its generation counts the changes of its spec.
    private static string VersionOf(KubeObject now) =>
        now is Deployment ? $"{now.Metadata.Uid}/{now.Metadata.Generation}" : $"{now.Metadata.Uid}/{now.Metadata.ResourceVersion}";

    private static string VersionOf(KubeObject kind, JsonObject written)
    {
        var metadata = written["metadata"]!;
        return kind is Deployment ? $"{metadata["uid"]}/{metadata["generation"]}" : $"{metadata["uid"]}/{metadata["resourceVersion"]}";
    }

    private sealed record Applied(string Digest, string Version);
}

/// <summary>A child that the API server did not take.</summary>
/// <param name="Child">The child.</param>
/// <param name="Why">What the server said.</param>
internal sealed record ChildRefusal(KubeObject Child, KubeException Why);
