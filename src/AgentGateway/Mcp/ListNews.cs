using System.Collections.Concurrent;
using System.Threading.Channels;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Policies;
using Castellan.ServiceDefaults.Mcp;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Mcp;

/// <summary>
/// Tells MCP clients when a list that they may see can be another one: tools, prompts or resources changed, or policies did. News that
/// wait to be told are told once.
/// </summary>
internal sealed partial class ListNews
{
    private static readonly string[] All =
        [NotificationMethods.ToolListChangedNotification, NotificationMethods.PromptListChangedNotification, NotificationMethods.ResourceListChangedNotification];

    private readonly Channel<string> _news = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<McpHttpHost> _hosts;
    private readonly ILogger _log;

    internal ListNews(IReadOnlyList<McpHttpHost> hosts, ToolCatalog tools, ToolServerLinks servers, PolicyInForce policies, ILogger log)
    {
        (_hosts, _log) = (hosts, log);
        tools.Changed += () => Add(NotificationMethods.ToolListChangedNotification);
        servers.OthersChanged += Add;
        policies.Changed += _ => Array.ForEach(All, Add);
    }

    internal async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var list in _news.Reader.ReadAllAsync(ct))
            {
                _waiting.TryRemove(list, out _);
                foreach (var host in _hosts)
                {
                    await TellAsync(host, list, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void Add(string list)
    {
        if (_waiting.TryAdd(list, true))
        {
            _news.Writer.TryWrite(list);
        }
    }

    private async Task TellAsync(McpHttpHost host, string list, CancellationToken ct)
    {
        try
        {
            await host.NotifyListChangedAsync(list, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(_log, list, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "MCP clients could not be told {News}; they see it at their next listing")]
    private static partial void Failed(ILogger log, string news, Exception e);
}
