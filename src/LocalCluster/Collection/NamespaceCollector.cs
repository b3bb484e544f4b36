using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Collection;

/// <summary>Empties namespaces whose deletion was asked for, then lets them go.</summary>
internal sealed class NamespaceCollector(ObjectWriter writer, ILogger<NamespaceCollector> logger) : StoreFollower(writer.Store, null, logger)
{
    private const string Namespaces = "/namespaces";
    private static readonly UserInfo Self = UserInfo.Of("system:serviceaccount:kube-system:namespace-controller", [UserInfo.Masters]);
    private static readonly WriteOptions Options = new() { FieldManager = "kube-controller-manager", Subresource = "finalize", FieldValidation = FieldValidation.Ignore };

    protected override async Task SeedAsync(StoredObject[] items, CancellationToken ct)
    {
        foreach (var ns in items.Where(o => o.Key.Resource == Namespaces && o.Deleting)) await EmptyAsync(ns.Key.Name, ct).ConfigureAwait(false);
    }

    protected override async Task HandleAsync(StoreEvent written, CancellationToken ct)
    {
        if (written.Object.Key.Resource == Namespaces)
        {
            if (written is { Type: StoreEventType.Modified, Object.Deleting: true, Previous.Deleting: false })
            {
                await EmptyAsync(written.Object.Key.Name, ct).ConfigureAwait(false);
            }
            return;
        }
        if (written.Type != StoreEventType.Deleted || written.Object.Key.Namespace.Length == 0) return;
        if (writer.Store.Find(new ObjectKey(Namespaces, "", written.Object.Key.Namespace)) is { Deleting: true } ns)
        {
            await FinishAsync(ns.Key, ct).ConfigureAwait(false);
        }
    }

    private async Task EmptyAsync(string ns, CancellationToken ct)
    {
        foreach (var stored in writer.Store.Resources())
        {
            if (writer.Registry.FindStored(stored) is not { Namespaced: true } resource) continue;
            foreach (var obj in writer.Store.List(stored, ns).Items)
            {
                try
                {
                    await writer.DeleteAsync(resource, obj.Key, new DeleteOptions { Uid = obj.Uid, Propagation = "Background" }, Self, ct).ConfigureAwait(false);
                }
                catch (ApiException e) when (e.Code is 404 or 409)
                {
                    // gone or replaced meanwhile; its deletion event comes back here
                }
            }
        }
        await FinishAsync(new ObjectKey(Namespaces, "", ns), ct).ConfigureAwait(false);
    }

    private async Task FinishAsync(ObjectKey key, CancellationToken ct)
    {
        var left = writer.Store.Resources().Sum(r => r == Namespaces ? 0 : writer.Store.List(r, key.Name).Items.Length);
        if (left > 0) return;
        try
        {
            await writer.UpdateAsync(writer.Registry.FindStored(Namespaces)!, key, Release, Self, Options, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // already gone
        }
    }

    private static JsonObject Release(JsonObject ns)
    {
        ns.Member("spec")["finalizers"] = ns.Object("spec").Array("finalizers").Texts().Where(f => f != "kubernetes").ToJsonArray();
        return ns;
    }
}
