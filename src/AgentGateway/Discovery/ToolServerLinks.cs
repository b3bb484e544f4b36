using System.Collections.Concurrent;
using Castellan.AgentGateway.Delegations;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Discovery;

/// <summary>One link per tool server.</summary>
internal sealed class ToolServerLinks(ClusterCatalog catalog, IX509Source identity, TrustDomain trustDomain, ILoggerFactory logs, DelegationTokens? tokens = null) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NamespacedName, Lazy<ToolServerLink>> _links = new();

    /// <summary>Fires when a server says that its tools changed.</summary>
    internal event Action<NamespacedName>? ToolsChanged;

    /// <summary>Fires when a server says that its prompts or resources changed; the argument is the notification's method.</summary>
    internal event Action<string>? OthersChanged;

    internal ToolServerLink Of(NamespacedName server) => _links.GetOrAdd(server, key => new Lazy<ToolServerLink>(() => new ToolServerLink(
        key, ToolServerLink.HandlerFor(identity, trustDomain, key, tokens), () => catalog.AddressOf(key), method => Changed(key, method), logs))).Value;

    private void Changed(NamespacedName server, string method)
    {
        if (method == NotificationMethods.ToolListChangedNotification)
        {
            ToolsChanged?.Invoke(server);
        }
        else
        {
            OthersChanged?.Invoke(method);
        }
    }

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
