using System.Collections.Concurrent;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Storage;
using Castellan.KubeApi;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// One link per tool server and per place that its spec says: a link keeps its handler, so one that was made for a server in the cluster never speaks to
/// a remote one, nor the other way round.
/// </summary>
internal sealed class ToolServerLinks(ClusterCatalog catalog, ToolServerHandlers handlers, ILoggerFactory logs) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(NamespacedName Server, string Place), Lazy<ToolServerLink>> _links = new();

    /// <summary>Fires when a server says that its tools changed.</summary>
    internal event Action<NamespacedName>? ToolsChanged;

    /// <summary>Fires when a server says that its prompts or resources changed; the argument is the notification's method.</summary>
    internal event Action<string>? OthersChanged;

    internal ToolServerLink Of(NamespacedName server)
    {
        var remote = catalog.ToolServers.Find(server)?.Spec.Remote;
        Func<Uri?> address = remote is null ? () => catalog.AddressOf(server) : () => ToolServerHandlers.AddressOf(remote);
        return _links.GetOrAdd((server, PlaceOf(remote)), key => new Lazy<ToolServerLink>(
            () => new ToolServerLink(key.Server, handlers.For(key.Server, remote), address, method => Changed(key.Server, method), logs))).Value;
    }

    /// <summary>Closes the connections to where a server was before its spec changed.</summary>
    internal ValueTask RetireAsync(ToolServer server)
    {
        var place = PlaceOf(server.Spec.Remote);
        return RemoveAsync(key => key.Server == server.Key && key.Place != place);
    }

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

    internal ValueTask RemoveAsync(NamespacedName server) => RemoveAsync(key => key.Server == server);

    public ValueTask DisposeAsync() => RemoveAsync(_ => true);

    private async ValueTask RemoveAsync(Func<(NamespacedName Server, string Place), bool> isMeant)
    {
        foreach (var key in _links.Keys.Where(isMeant))
        {
            if (_links.TryRemove(key, out var link) && link.IsValueCreated)
            {
                await link.Value.DisposeAsync();
            }
        }
    }

    private static string PlaceOf(RemoteServer? remote) => remote is null ? "" : Json.Write(remote);
}
