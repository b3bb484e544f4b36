using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Collection;

/// <summary>Gives every namespace its <c>default</c> service account and the cluster's CA as ConfigMap <c>kube-root-ca.crt</c>.</summary>
internal sealed class NamespaceContents(ObjectWriter writer, string authorityPem, ILogger<NamespaceContents> logger) : StoreFollower(writer.Store, null, logger)
{
    private static readonly UserInfo Self = UserInfo.Of("system:kube-controller-manager", [UserInfo.Masters]);
    private static readonly WriteOptions Options = new() { FieldManager = "kube-controller-manager" };

    protected override async Task SeedAsync(StoredObject[] items, CancellationToken ct)
    {
        foreach (var ns in items.Where(o => o.Key.Resource == "/namespaces" && !o.Deleting)) await FillAsync(ns.Key.Name, ct).ConfigureAwait(false);
    }

    protected override async Task HandleAsync(StoreEvent written, CancellationToken ct)
    {
        var key = written.Object.Key;
        if (key.Resource == "/namespaces" && written.Type == StoreEventType.Added) await FillAsync(key.Name, ct).ConfigureAwait(false);
        if (written.Type != StoreEventType.Deleted || (key.Resource, key.Name) is not (("/serviceaccounts", "default") or ("/configmaps", "kube-root-ca.crt"))) return;
        if (writer.Store.Find(new ObjectKey("/namespaces", "", key.Namespace)) is { Deleting: false }) await FillAsync(key.Namespace, ct).ConfigureAwait(false);
    }

    private async Task FillAsync(string ns, CancellationToken ct)
    {
        await EnsureAsync("serviceaccounts", ns, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }, ct).ConfigureAwait(false);
        await EnsureAsync("configmaps", ns, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "kube-root-ca.crt",
                ["annotations"] = new JsonObject { ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints." },
            },
            ["data"] = new JsonObject { ["ca.crt"] = authorityPem },
        }, ct).ConfigureAwait(false);
    }

    private async Task EnsureAsync(string plural, string ns, JsonObject obj, CancellationToken ct)
    {
        var resource = writer.Registry.Find("", "v1", plural)!;
        if (writer.Store.Find(new ObjectKey(resource.StorageKey, ns, obj.Name())) is not null) return;
        try
        {
            await writer.CreateAsync(resource, ns, obj, Self, Options, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Reason is "AlreadyExists" or "NotFound" || e.Message.Contains("being terminated", StringComparison.Ordinal))
        {
            // someone else made it, or the namespace has gone
        }
    }
}
