using System.Diagnostics;
using System.Globalization;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Metering;
using Castellan.GatewayApi;
using Castellan.Telemetry;
using Castellan.Telemetry.Tracing;
using ModelContextProtocol;

namespace Castellan.AgentGateway.Tracing;

/// <summary>One CLIENT span per request that is sent to a tool server; what is repeated has several.</summary>
internal static class RequestSpans
{
    private static readonly ActivitySource Source = new(TraceSources.Mcp);

    /// <summary>Sends a request of a call.</summary>
    /// <param name="spec">The call.</param>
    /// <param name="method">The MCP method.</param>
    /// <param name="send">Sends it with a trace context in its <c>_meta</c>.</param>
    internal static async Task<ToolContent> TraceAsync(CallSpec spec, string method, Func<ActivityContext, Task<ToolContent>> send)
    {
        var began = RequestMetrics.Begin();
        if (!Source.HasListeners() && began is null)
        {
            return await send(ParentOf(spec)); // the caller's trace is passed on also where nothing is recorded
        }

        using var span = Start(spec, method);
        string? error = null;
        try
        {
            var content = await send(span?.Context ?? ParentOf(spec));
            error = content.IsError ? "tool_error" : null;
            return content;
        }
        catch (Exception e)
        {
            error = ErrorOf(e);
            throw;
        }
        finally
        {
            if (error is not null)
            {
                Spans.Fail(span, error);
            }

            RequestMetrics.End(began, spec, method, error);
        }
    }

    private static Activity? Start(CallSpec spec, string method)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var tool = spec.Tool!;
        var span = Spans.Start(Source, tool.Method is null ? $"{method} {tool.Name}" : method, ActivityKind.Client, ParentOf(spec));
        span?.SetTag(SemanticNames.McpMethod, method).SetTag(SemanticNames.ToolServer, tool.Server).SetTag(SemanticNames.CallId, spec.CallId);
        return tool.Method is null ? span?.SetTag(SemanticNames.ToolName, tool.Name) : span;
    }

    internal static ActivityContext ParentOf(CallSpec spec) => CallSpans.ParentOf(spec);

    /// <summary>One word for what went wrong: a JSON-RPC code, that nothing was sent, or the type of the exception.</summary>
    internal static string ErrorOf(Exception e) => e switch
    {
        _ when ToolReading.Error(e) is { } error => error.Code.ToString(CultureInfo.InvariantCulture),
        ToolUnreachableException => "unreachable",
        OperationCanceledException => "timeout",
        McpException => "protocol",
        _ => e.GetType().Name,
    };
}
