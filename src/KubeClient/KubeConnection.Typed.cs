using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.KubeClient;

public sealed partial class KubeConnection
{
    /// <summary>Reads an object.</summary>
    public Task<T> GetAsync<T>(NamespacedName key, CancellationToken ct = default) where T : KubeObject =>
        SendAsync<T>(Request(HttpMethod.Get, PathFor(KubeResource.Of<T>(), key)), ct);

    /// <summary>Reads an object; null if it is not there.</summary>
    public Task<T?> FindAsync<T>(NamespacedName key, CancellationToken ct = default) where T : KubeObject => OrNullAsync(GetAsync<T>(key, ct));

    /// <summary>Reads all objects of a namespace, or of all namespaces when <paramref name="ns"/> is null; follows pages.</summary>
    public Task<KubeList<T>> ListAsync<T>(string? ns = null, ListOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        ListAllAsync<T>(KubeResource.Of<T>(), ns, options, ct);

    /// <summary>Reads one page.</summary>
    public Task<KubeList<T>> ListPageAsync<T>(string? ns = null, ListOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        ListOnceAsync<T>(KubeResource.Of<T>(), ns, options, ct);

    /// <summary>Creates an object.</summary>
    /// <returns>The object as stored.</returns>
    public Task<T> CreateAsync<T>(T value, WriteOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        WriteAsync(HttpMethod.Post, CollectionFor(KubeResource.Of<T>(), value.Metadata.Namespace), value, options, ct);

    /// <summary>Replaces an object; its resource version must be the stored one.</summary>
    public Task<T> ReplaceAsync<T>(T value, WriteOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        WriteAsync(HttpMethod.Put, PathFor(KubeResource.Of<T>(), value.Key), value, options, ct);

    /// <summary>Replaces an object's status; its resource version must be the stored one.</summary>
    public Task<T> ReplaceStatusAsync<T>(T value, WriteOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        WriteAsync(HttpMethod.Put, PathFor(KubeResource.Of<T>(), value.Key, "status"), value, options, ct);

    /// <summary>Changes an object, or one of its subresources such as <c>status</c> or <c>scale</c> (which answers another kind: then use the JSON form).</summary>
    public Task<T> PatchAsync<T>(NamespacedName key, KubePatch patch, string? subresource = null, WriteOptions? options = null, CancellationToken ct = default)
        where T : KubeObject => SendPatchAsync<T>(PathFor(KubeResource.Of<T>(), key, subresource), patch, options, ct);

    /// <summary>Server-side apply: creates the object or changes it so that it has these fields, owned by <paramref name="fieldManager"/>.</summary>
    /// <param name="value">The fields to own; a field applied before and now absent is removed.</param>
    /// <param name="fieldManager">Who owns them.</param>
    /// <param name="force">True takes fields over from other managers instead of failing with a conflict.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<T> ApplyAsync<T>(T value, string fieldManager, bool force = false, CancellationToken ct = default) where T : KubeObject =>
        SendPatchAsync<T>(PathFor(KubeResource.Of<T>(), value.Key), ApplyPatch(value), new WriteOptions { FieldManager = fieldManager }, ct, force);

    /// <summary>Server-side apply of the status.</summary>
    public Task<T> ApplyStatusAsync<T>(T value, string fieldManager, bool force = false, CancellationToken ct = default) where T : KubeObject =>
        SendPatchAsync<T>(PathFor(KubeResource.Of<T>(), value.Key, "status"), ApplyPatch(value), new WriteOptions { FieldManager = fieldManager }, ct, force);

    /// <summary>Deletes an object.</summary>
    /// <returns>False if it was not there.</returns>
    public Task<bool> DeleteAsync<T>(NamespacedName key, DeleteOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        DeletePathAsync(PathFor(KubeResource.Of<T>(), key), options, ct);

    /// <summary>Deletes all objects of a namespace that the selectors choose.</summary>
    public Task DeleteAllAsync<T>(string? ns, ListOptions? which = null, DeleteOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        DeleteCollectionAsync(KubeResource.Of<T>(), ns, which, options, ct);

    /// <summary>Watches a namespace, or all when <paramref name="ns"/> is null, until the server ends the watch.</summary>
    /// <exception cref="KubeException">With <see cref="KubeException.IsExpired"/>: the version is too old, list again.</exception>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? ns = null, WatchOptions? options = null, CancellationToken ct = default) where T : KubeObject =>
        WatchLinesAsync<T>(KubeResource.Of<T>(), ns, options, ct);

    private static KubePatch ApplyPatch<T>(T value) where T : KubeObject =>
        ApplyPatch(JsonSerializer.SerializeToNode(value, KubeJson.Options)!.AsObject());
}
