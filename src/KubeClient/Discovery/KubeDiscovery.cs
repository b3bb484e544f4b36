using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.KubeClient.Discovery;

/// <summary>Finds out which resources a server offers, so that a kind or a short name becomes a <see cref="KubeResource"/>.</summary>
/// <remarks>The answer is kept; a name that is not in it is looked up anew, at most every few seconds, so that a fresh custom resource is found.</remarks>
public sealed class KubeDiscovery(KubeConnection kube)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IReadOnlyList<DiscoveredResource>? _known;
    private DateTimeOffset _at;

    /// <summary>All resources, preferred versions first, without subresources.</summary>
    public async Task<IReadOnlyList<DiscoveredResource>> ListAsync(CancellationToken ct = default) => _known ?? await RefreshAsync(TimeSpan.Zero, ct);

    /// <summary>The resource of a name as typed: <c>pods</c>, <c>Pod</c>, <c>po</c>, <c>deployments.apps</c>, <c>agents.v1alpha1.castellan.dev</c>; null if there is none.</summary>
    public async Task<DiscoveredResource?> FindAsync(string name, CancellationToken ct = default) =>
        await FindAsync(r => r.IsCalled(name), ct);

    /// <summary>The resource of an object's <c>apiVersion</c> and <c>kind</c>; null if there is none.</summary>
    public async Task<DiscoveredResource?> FindAsync(string apiVersion, string kind, CancellationToken ct = default) =>
        await FindAsync(r => r.Resource.ApiVersion == apiVersion && r.Resource.Kind == kind, ct);

    private async Task<DiscoveredResource?> FindAsync(Func<DiscoveredResource, bool> matches, CancellationToken ct) =>
        (await ListAsync(ct)).FirstOrDefault(matches) ?? (await RefreshAsync(Fresh, ct)).FirstOrDefault(matches);

    private async Task<IReadOnlyList<DiscoveredResource>> RefreshAsync(TimeSpan olderThan, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_known is not null && kube.Time.GetUtcNow() - _at < olderThan) return _known;
            _known = await FetchAsync(ct);
            _at = kube.Time.GetUtcNow();
            return _known;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<IReadOnlyList<DiscoveredResource>> FetchAsync(CancellationToken ct)
    {
        var groups = await ReadAsync<GroupList>("/apis", ct);
        // The core group first, then the server's order; within a group the preferred version first.
        var versions = groups?.Groups.SelectMany(g => g.Versions
            .OrderByDescending(v => v.GroupVersion == g.PreferredVersion?.GroupVersion)
            .Select(v => (g.Name, v.Version, Path: $"/apis/{v.GroupVersion}"))) ?? [];
        var lists = versions.Prepend((Name: "", Version: "v1", Path: "/api/v1")).Select(v => ReadGroupAsync(v.Name, v.Version, v.Path, ct));
        return [.. (await Task.WhenAll(lists)).SelectMany(l => l)];
    }

    private async Task<IEnumerable<DiscoveredResource>> ReadGroupAsync(string group, string version, string path, CancellationToken ct)
    {
        var list = await ReadAsync<ResourceList>(path, ct);
        return (list?.Resources ?? []).Where(r => !r.Name.Contains('/')).Select(r => new DiscoveredResource(
            new KubeResource(group, version, r.Kind, r.Name, r.Namespaced),
            string.IsNullOrEmpty(r.SingularName) ? r.Kind.ToLowerInvariant() : r.SingularName,
            [.. r.ShortNames ?? []], [.. r.Categories ?? []], [.. r.Verbs ?? []]));
    }

    private async Task<T?> ReadAsync<T>(string path, CancellationToken ct) where T : class
    {
        try
        {
            return (await kube.SendRawAsync(HttpMethod.Get, path, ct: ct)).Deserialize<T>(KubeJson.Options);
        }
        catch (KubeException e) when (e.IsNotFound || (int)e.Code >= 500)
        {
            return null; // a group whose server is down hides itself, not the others
        }
    }

    private sealed record GroupList(IList<Group> Groups);

    private sealed record Group(string Name, IList<ServedVersion> Versions, ServedVersion? PreferredVersion);

    private sealed record ServedVersion(string GroupVersion, string Version);

    private sealed record ResourceList(IList<ApiResource>? Resources);

    private sealed record ApiResource(
        string Name, string Kind, bool Namespaced, string? SingularName, IList<string>? ShortNames, IList<string>? Categories, IList<string>? Verbs);
}
