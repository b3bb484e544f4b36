using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeClient.Transport;

namespace Castellan.KubeClient;

/// <summary>A connection to one API server as one caller. Safe to use from many threads; make one and keep it.</summary>
/// <remarks>
/// Every call throws <see cref="KubeException"/> when the server refuses and <see cref="KubeUnreachableException"/> when it does not answer.
/// Typed calls find the resource by the type's <see cref="KubeResourceAttribute"/>; the same calls with a <see cref="KubeResource"/> take any kind as JSON.
/// </remarks>
public sealed partial class KubeConnection : IDisposable
{
    private readonly KubeTransport _transport;
    private readonly Impersonation? _as;
    private readonly bool _owner;

    /// <summary>Opens nothing yet; the first call connects.</summary>
    public KubeConnection(KubeConfig config, TimeProvider? time = null)
    {
        (Config, _as, _owner) = (config, config.Impersonation, true);
        _transport = new KubeTransport(config, time ?? TimeProvider.System);
    }

    private KubeConnection(KubeConnection parent, Impersonation whom) =>
        (Config, _transport, _as) = (parent.Config with { Impersonation = whom }, parent._transport, whom);

    /// <summary>Where it leads and as whom.</summary>
    public KubeConfig Config { get; }

    /// <summary>The clock of the connection, its informers and queues.</summary>
    public TimeProvider Time => _transport.Time;

    /// <summary>The same connections, acting as someone else; needs the right <c>impersonate</c>. Disposing it does nothing.</summary>
    public KubeConnection Impersonate(string user, IEnumerable<string>? groups = null) => new(this, new Impersonation(user, [.. groups ?? []]));

    /// <summary>Closes all connections; watches end.</summary>
    public void Dispose()
    {
        if (_owner) _transport.Dispose();
    }

    /// <summary>Any request, for paths that have no method here (for example <c>/version</c> or <c>/openapi/v3</c>).</summary>
    /// <returns>The answer; null if it is empty.</returns>
    public async Task<JsonNode?> SendRawAsync(HttpMethod method, string path, JsonNode? body = null, string accept = "application/json", CancellationToken ct = default)
    {
        var request = Request(method, path) with { Accept = accept, Body = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, KubeJson.Options) };
        using var response = await _transport.SendAsync(request, ct);
        var bytes = await response.Content.ReadAsByteArrayAsync(ct);
        return bytes.Length == 0 ? null : JsonNode.Parse(bytes);
    }

    private KubeRequest Request(HttpMethod method, string path, params IEnumerable<(string, string?)> query) =>
        new(method, KubeRequest.WithQuery(path, query)) { As = _as };

    private async Task<T> SendAsync<T>(KubeRequest request, CancellationToken ct)
    {
        using var response = await _transport.SendAsync(request, ct);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            return await JsonSerializer.DeserializeAsync<T>(body, KubeJson.Options, ct) ?? throw new JsonException("the answer is null");
        }
        catch (JsonException e)
        {
            throw new KubeUnreachableException(_transport.Server, $"{request.Method} {request.Path} answered what is not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    private Task<T> WriteAsync<T>(HttpMethod method, string path, T value, WriteOptions? options, CancellationToken ct) =>
        SendAsync<T>(Request(method, path, options?.Query() ?? []) with { Body = JsonSerializer.SerializeToUtf8Bytes(value, KubeJson.Options) }, ct);

    private Task<T> SendPatchAsync<T>(string path, KubePatch patch, WriteOptions? options, CancellationToken ct, bool? force = null)
    {
        IEnumerable<(string, string?)> query = [.. options?.Query() ?? [], ("force", force is true ? "true" : null)];
        return SendAsync<T>(Request(HttpMethod.Patch, path, query) with
        {
            ContentType = patch.ContentType,
            Body = JsonSerializer.SerializeToUtf8Bytes(patch.Body, KubeJson.Options),
        }, ct);
    }

    private async Task<KubeList<T>> ListAllAsync<T>(KubeResource resource, string? ns, ListOptions? options, CancellationToken ct)
    {
        // Pages of 500, as kubectl asks for, keep the server's answers small.
        var page = options ?? new ListOptions();
        if (page.Limit is null && page.ResourceVersion is null) page = page with { Limit = 500 };
        var all = await ListOnceAsync<T>(resource, ns, page, ct);
        var next = all.Metadata.Continue;
        while (!string.IsNullOrEmpty(next))
        {
            var more = await ListOnceAsync<T>(resource, ns, page with { Continue = next, ResourceVersion = null }, ct);
            foreach (var item in more.Items) all.Items.Add(item);
            next = more.Metadata.Continue;
        }
        (all.Metadata.Continue, all.Metadata.RemainingItemCount) = (null, null);
        return all;
    }

    private Task<KubeList<T>> ListOnceAsync<T>(KubeResource resource, string? ns, ListOptions? options, CancellationToken ct) =>
        SendAsync<KubeList<T>>(Request(HttpMethod.Get, resource.CollectionPath(ns), options?.Query() ?? []), ct);

    private async IAsyncEnumerable<WatchEvent<T>> WatchLinesAsync<T>(KubeResource resource, string? ns, WatchOptions? options, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        var request = Request(HttpMethod.Get, resource.CollectionPath(ns), (options ?? new WatchOptions()).Query()) with { Streams = true };
        using var response = await _transport.SendAsync(request, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        await foreach (var e in WatchLines.ReadAsync<T>(stream, _transport.Server, ct)) yield return e;
    }

    private async Task<bool> DeletePathAsync(string path, DeleteOptions? options, CancellationToken ct)
    {
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(options ?? new DeleteOptions(), KubeJson.Options);
            using var response = await _transport.SendAsync(Request(HttpMethod.Delete, path) with { Body = body }, ct);
            return true;
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private static async Task<T?> OrNullAsync<T>(Task<T> get) where T : class
    {
        try
        {
            return await get;
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private static string PathFor(KubeResource resource, NamespacedName key, string? subresource = null)
    {
        if (key.Name.Length == 0) throw new ArgumentException($"the {resource.Kind} has no name; set metadata.name");
        RequireNamespace(resource, key.Namespace);
        return subresource is null ? resource.ObjectPath(key) : $"{resource.ObjectPath(key)}/{subresource}";
    }

    private static string CollectionFor(KubeResource resource, string? ns)
    {
        RequireNamespace(resource, ns);
        return resource.CollectionPath(ns);
    }

    private static void RequireNamespace(KubeResource resource, string? ns)
    {
        if (resource.Namespaced && string.IsNullOrEmpty(ns))
            throw new ArgumentException($"{resource.Kind} is namespaced but no namespace is given; set metadata.namespace");
    }
}
