using System.Diagnostics;
using System.Globalization;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
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
        if (!Source.HasListeners())
        {
            return await send(ParentOf(spec)); // the caller's trace is passed on also where nothing is recorded
        }

        using var span = Spans.Start(Source, spec.Tool!.Method is null ? $"{method} {spec.Tool.Name}" : method, ActivityKind.Client, ParentOf(spec));
        span?.SetTag(SemanticNames.McpMethod, method).SetTag(SemanticNames.ToolServer, spec.Tool.Server).SetTag(SemanticNames.CallId, spec.CallId);
        if (spec.Tool.Method is null)
        {
            span?.SetTag(SemanticNames.ToolName, spec.Tool.Name);
        }

        try
        {
            var content = await send(span?.Context ?? ParentOf(spec));
            if (content.IsError)
            {
                Spans.Fail(span, "tool_error");
            }

            return content;
        }
        catch (Exception e)
        {
            Spans.Fail(span, ErrorOf(e));
            throw;
        }
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
