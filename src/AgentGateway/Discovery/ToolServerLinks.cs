using System.Collections.Concurrent;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Discovery;

/// <summary>One link per tool server.</summary>
internal sealed class ToolServerLinks(ClusterCatalog catalog, IX509Source identity, TrustDomain trustDomain, ILoggerFactory logs) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NamespacedName, Lazy<ToolServerLink>> _links = new();

    /// <summary>Fires when a server says that its tools changed.</summary>
    internal event Action<NamespacedName>? ToolsChanged;

    internal ToolServerLink Of(NamespacedName server) => _links.GetOrAdd(server, key => new Lazy<ToolServerLink>(() => new ToolServerLink(
        key, ToolServerLink.HandlerFor(identity, trustDomain, key), () => catalog.AddressOf(key), () => ToolsChanged?.Invoke(key), logs))).Value;

    internal async ValueTask RemoveAsync(NamespacedName server)
    {
        if (_links.TryRemove(server, out var link) && link.IsValueCreated)
        {
            await link.Value.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _links.Keys)
        {
            await RemoveAsync(server);
        }
    }
}
