using System.Threading.Channels;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Policies;
using Castellan.ServiceDefaults.Mcp;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Mcp;

/// <summary>Tells MCP clients when the list of tools that they may use can be another one: tools changed, or policies did.</summary>
internal sealed partial class ToolListNews
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly McpHttpHost _mcp;
    private readonly ILogger _log;

    internal ToolListNews(McpHttpHost mcp, ToolCatalog tools, PolicyInForce policies, ILogger log)
    {
        (_mcp, _log) = (mcp, log);
        tools.Changed += () => _news.Writer.TryWrite(true);
        policies.Changed += _ => _news.Writer.TryWrite(true);
    }

    internal async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var _ in _news.Reader.ReadAllAsync(ct))
            {
                await TellAsync(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task TellAsync(CancellationToken ct)
    {
        try
        {
            await _mcp.NotifyToolsChangedAsync(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(_log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "MCP clients could not be told that the list of tools changed; they see it at their next listing")]
    private static partial void Failed(ILogger log, Exception e);
}
