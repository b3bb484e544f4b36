using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Castellan.KubeApi;

namespace Castellan.KubeClient;

public sealed partial class KubeConnection
{
    private const string TableMedia = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    /// <summary>Reads an object.</summary>
    public Task<JsonObject> GetAsync(KubeResource resource, NamespacedName key, CancellationToken ct = default) =>
        SendAsync<JsonObject>(Request(HttpMethod.Get, PathFor(resource, key)), ct);

    /// <summary>Reads an object; null if it is not there.</summary>
    public Task<JsonObject?> FindAsync(KubeResource resource, NamespacedName key, CancellationToken ct = default) => OrNullAsync(GetAsync(resource, key, ct));

    /// <summary>Reads all objects of a namespace, or of all namespaces when <paramref name="ns"/> is null; follows pages. Every item names its kind.</summary>
    public async Task<KubeList<JsonObject>> ListAsync(KubeResource resource, string? ns = null, ListOptions? options = null, CancellationToken ct = default)
    {
        var all = await ListAllAsync<JsonObject>(resource, ns, options, ct);
        foreach (var item in all.Items) NameKind(resource, item);
        return all;
    }

    /// <summary>The server's own table of a collection or (with a name) of one object: <c>columnDefinitions</c> and <c>rows</c>, as kubectl prints them.</summary>
    public Task<JsonObject> GetTableAsync(KubeResource resource, string? ns = null, string? name = null, ListOptions? options = null, CancellationToken ct = default)
    {
        var path = name is null ? resource.CollectionPath(ns) : PathFor(resource, new NamespacedName(ns ?? "", name));
        return SendAsync<JsonObject>(Request(HttpMethod.Get, path, options?.Query() ?? []) with { Accept = TableMedia }, ct);
    }

    /// <summary>Creates an object.</summary>
    public Task<JsonObject> CreateAsync(KubeResource resource, JsonObject value, WriteOptions? options = null, CancellationToken ct = default) =>
        WriteAsync(HttpMethod.Post, CollectionFor(resource, KeyOf(value).Namespace), value, options, ct);

    /// <summary>Replaces an object; its resource version must be the stored one.</summary>
    public Task<JsonObject> ReplaceAsync(KubeResource resource, JsonObject value, WriteOptions? options = null, CancellationToken ct = default) =>
        WriteAsync(HttpMethod.Put, PathFor(resource, KeyOf(value)), value, options, ct);

    /// <summary>Changes an object or one of its subresources.</summary>
    public Task<JsonObject> PatchAsync(
        KubeResource resource, NamespacedName key, KubePatch patch, string? subresource = null, WriteOptions? options = null, CancellationToken ct = default) =>
        SendPatchAsync<JsonObject>(PathFor(resource, key, subresource), patch, options, ct);

    /// <summary>Server-side apply.</summary>
    /// <param name="resource">Kind of the object.</param>
    /// <param name="value">The fields to own.</param>
    /// <param name="fieldManager">Who owns them.</param>
    /// <param name="force">True takes fields over from other managers instead of failing with a conflict.</param>
    /// <param name="options">Dry run and field validation.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<JsonObject> ApplyAsync(
        KubeResource resource, JsonObject value, string fieldManager, bool force = false, WriteOptions? options = null, CancellationToken ct = default) =>
        SendPatchAsync<JsonObject>(PathFor(resource, KeyOf(value)), ApplyPatch(value), (options ?? new WriteOptions()) with { FieldManager = fieldManager }, ct, force);

    /// <summary>Server-side apply of the status.</summary>
    public Task<JsonObject> ApplyStatusAsync(KubeResource resource, JsonObject value, string fieldManager, bool force = false, CancellationToken ct = default) =>
        SendPatchAsync<JsonObject>(PathFor(resource, KeyOf(value), "status"), ApplyPatch(value), new WriteOptions { FieldManager = fieldManager }, ct, force);

    /// <summary>Deletes an object.</summary>
    /// <returns>False if it was not there.</returns>
    public Task<bool> DeleteAsync(KubeResource resource, NamespacedName key, DeleteOptions? options = null, CancellationToken ct = default) =>
        DeletePathAsync(PathFor(resource, key), options, ct);

    /// <summary>Deletes all objects of a namespace that the selectors choose.</summary>
    public Task DeleteCollectionAsync(KubeResource resource, string? ns, ListOptions? which = null, DeleteOptions? options = null, CancellationToken ct = default) =>
        DeletePathAsync(Transport.KubeRequest.WithQuery(CollectionFor(resource, ns), which?.Query() ?? []), options, ct);

    /// <summary>Watches a namespace, or all when <paramref name="ns"/> is null, until the server ends the watch.</summary>
    public async IAsyncEnumerable<WatchEvent<JsonObject>> WatchAsync(
        KubeResource resource, string? ns = null, WatchOptions? options = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var e in WatchLinesAsync<JsonObject>(resource, ns, options, ct)) yield return e;
    }

    internal static NamespacedName KeyOf(JsonObject value)
    {
        var metadata = value["metadata"] as JsonObject;
        return new NamespacedName((string?)metadata?["namespace"] ?? "", (string?)metadata?["name"] ?? "");
    }

    private static void NameKind(KubeResource resource, JsonObject item)
    {
        // Lists of built-in kinds leave this out, and what is printed from them must say it.
        if (item["kind"] is null) item.Insert(0, "kind", resource.Kind);
        if (item["apiVersion"] is null) item.Insert(0, "apiVersion", resource.ApiVersion);
    }

    private static KubePatch ApplyPatch(JsonObject value)
    {
        var body = value.DeepClone().AsObject();
        // The server refuses an apply that carries another apply's bookkeeping.
        if (body["metadata"] is JsonObject metadata) metadata.Remove("managedFields");
        return new KubePatch("application/apply-patch+yaml", body);
    }
}
