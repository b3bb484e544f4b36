using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Collection;

/// <summary>
/// Deletes objects whose owners are all gone, and carries out foreground deletion (dependents first) and orphaning
/// (dependents let go) for owners that wait with the finalizer of that name.
/// </summary>
/// <remarks>Source: Kubernetes documentation, "Garbage Collection".</remarks>
internal sealed class GarbageCollector(ObjectWriter writer, ILogger<GarbageCollector> logger) : StoreFollower(writer.Store, null, logger)
{
    private static readonly UserInfo Self = UserInfo.Of("system:serviceaccount:kube-system:generic-garbage-collector", [UserInfo.Masters]);
    private static readonly WriteOptions Options = new() { FieldManager = "kube-controller-manager", FieldValidation = FieldValidation.Ignore };

    private readonly Dictionary<string, HashSet<ObjectKey>> dependents = new(StringComparer.Ordinal);

    protected override async Task SeedAsync(StoredObject[] items, CancellationToken ct)
    {
        dependents.Clear();
        foreach (var obj in items) Index(obj);
        foreach (var obj in items.Where(o => o.OwnerUids.Length > 0 || o.Deleting)) await ConsiderAsync(obj, ct).ConfigureAwait(false);
    }

    protected override async Task HandleAsync(StoreEvent written, CancellationToken ct)
    {
        Unindex(written.Previous);
        if (written.Type != StoreEventType.Deleted)
        {
            Index(written.Object);
            await ConsiderAsync(written.Object, ct).ConfigureAwait(false);
            return;
        }
        foreach (var key in DependentsOf(written.Object.Uid))
        {
            if (writer.Store.Find(key) is { } dependent) await ConsiderAsync(dependent, ct).ConfigureAwait(false);
        }
        foreach (var uid in written.Object.OwnerUids)
        {
            if (writer.Store.FindByUid(uid) is { Deleting: true } owner) await ConsiderAsync(owner, ct).ConfigureAwait(false);
        }
    }

    private ObjectKey[] DependentsOf(string uid) => dependents.TryGetValue(uid, out var keys) ? [.. keys] : [];

    private async Task ConsiderAsync(StoredObject obj, CancellationToken ct)
    {
        if (obj.Deleting) await FinishDeletionAsync(obj, ct).ConfigureAwait(false);
        else if (obj.OwnerUids.Length > 0 && obj.OwnerUids.All(uid => !Owns(uid, obj))) await DeleteAsync(obj, null, ct).ConfigureAwait(false);
    }

    /// <summary>An owner in another namespace does not count.</summary>
    private bool Owns(string uid, StoredObject obj) =>
        writer.Store.FindByUid(uid) is { } owner && (owner.Key.Namespace.Length == 0 || owner.Key.Namespace == obj.Key.Namespace);

    private async Task FinishDeletionAsync(StoredObject owner, CancellationToken ct)
    {
        var finalizers = JsonObjects.Parse(owner.Json).Object("metadata").Array("finalizers").Texts().ToHashSet();
        if (finalizers.Contains("orphan"))
        {
            foreach (var key in DependentsOf(owner.Uid)) await ChangeAsync(key, o => RemoveOwner(o, owner.Uid), ct).ConfigureAwait(false);
            await ChangeAsync(owner.Key, o => RemoveFinalizer(o, "orphan"), ct).ConfigureAwait(false);
        }
        if (!finalizers.Contains("foregroundDeletion")) return;
        var blocked = false;
        foreach (var key in DependentsOf(owner.Uid))
        {
            if (writer.Store.Find(key) is not { } dependent) continue;
            if (!Blocks(dependent, owner.Uid)) continue;
            blocked = true;
            if (!dependent.Deleting) await DeleteAsync(dependent, "Foreground", ct).ConfigureAwait(false);
        }
        blocked = blocked && DependentsOf(owner.Uid).Any(k => writer.Store.Find(k) is { } d && Blocks(d, owner.Uid));
        if (!blocked) await ChangeAsync(owner.Key, o => RemoveFinalizer(o, "foregroundDeletion"), ct).ConfigureAwait(false);
    }

    private static bool Blocks(StoredObject dependent, string owner) => JsonObjects.Parse(dependent.Json).Object("metadata")
        .Array("ownerReferences").Objects().Any(r => r.Text("uid") == owner && r.Flag("blockOwnerDeletion") == true);

    private async Task DeleteAsync(StoredObject obj, string? propagation, CancellationToken ct)
    {
        if (writer.Registry.FindStored(obj.Key.Resource) is not { } resource) return;
        try
        {
            await writer.DeleteAsync(resource, obj.Key, new DeleteOptions { Uid = obj.Uid, Propagation = propagation }, Self, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code is 404 or 409)
        {
            // gone or replaced meanwhile
        }
    }

    private async Task ChangeAsync(ObjectKey key, Func<JsonObject, JsonObject> change, CancellationToken ct)
    {
        if (writer.Registry.FindStored(key.Resource) is not { } resource) return;
        try
        {
            await writer.UpdateAsync(resource, key, change, Self, Options, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code is 404)
        {
            // gone meanwhile
        }
    }

    private static JsonObject RemoveOwner(JsonObject obj, string uid)
    {
        var owners = obj.Metadata().Array("ownerReferences");
        foreach (var reference in owners.Objects().Where(r => r.Text("uid") == uid).ToList()) owners!.Remove(reference);
        if (owners is { Count: 0 }) obj.Metadata().Remove("ownerReferences");
        return obj;
    }

    private static JsonObject RemoveFinalizer(JsonObject obj, string name)
    {
        var left = obj.Metadata().Array("finalizers").Texts().Where(f => f != name).ToList();
        if (left.Count > 0) obj.Metadata()["finalizers"] = left.ToJsonArray();
        else obj.Metadata().Remove("finalizers");
        return obj;
    }

    private void Index(StoredObject obj)
    {
        foreach (var uid in obj.OwnerUids)
        {
            if (!dependents.TryGetValue(uid, out var keys)) dependents[uid] = keys = [];
            keys.Add(obj.Key);
        }
    }

    private void Unindex(StoredObject? obj)
    {
        foreach (var uid in obj?.OwnerUids ?? [])
        {
            if (!dependents.TryGetValue(uid, out var keys)) continue;
            keys.Remove(obj!.Key);
            if (keys.Count == 0) dependents.Remove(uid);
        }
    }
}
