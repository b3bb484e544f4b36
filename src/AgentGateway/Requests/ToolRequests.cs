using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Delegations;
using Castellan.AgentGateway.Discovery;
using Castellan.GatewayApi;
using Castellan.AgentGateway.Tracing;
using Castellan.KubeApi;
using Castellan.Telemetry.Tracing;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Requests;

/// <summary>Sends what a call is to its tool server.</summary>
internal sealed class ToolRequests(ToolServerLinks links, ToolCatalog tools, WaitingClients clients, Delegator delegator)
{
    /// <summary>Makes the request of a call, once.</summary>
    /// <param name="spec">The call.</param>
    /// <param name="call">What stands under <c>_meta["castellan.dev/call"]</c>.</param>
    /// <param name="ct">Ends the wait; the server is told, but may have acted.</param>
    /// <exception cref="ToolUnreachableException">Nothing was sent.</exception>
    /// <exception cref="ServerErrorException">The server answered with an error.</exception>
    internal async Task<ToolContent> SendAsync(CallSpec spec, JsonObject call, CancellationToken ct)
    {
        var tool = spec.Tool!;
        var server = new NamespacedName(spec.Namespace, tool.Server);
        var (client, delegated) = (clients.Find(spec.CallId), delegator.For(spec));
        if (client is null && delegated is null && tool is { Method: null, Answers: null })
        {
            return await RequestSpans.TraceAsync(spec, RequestMethods.ToolsCall, async trace =>
            {
                var meta = new JsonObject { ["castellan.dev/call"] = call };
                TraceContext.Write(meta, trace);
                return ToolReading.Content(await links.Of(server).CallAsync(tool.Name, tool.Arguments, meta, ct));
            });
        }

        var request = new ServerRequest(tool.Method ?? RequestMethods.ToolsCall, ParametersOf(tool)) { Call = call, Client = client, Delegated = delegated, Schema = tools.Find(server, tool.Name)?.InputSchema };
        return await RequestSpans.TraceAsync(spec, request.Method, async trace => ToolReading.Content(request.Method, await links.Of(server).SendAsync(request with { Trace = trace }, ct)));
    }

    /// <summary>Asks a built-in server what became of a call.</summary>
    /// <exception cref="ToolUnreachableException">Nothing was sent.</exception>
    /// <exception cref="ServerErrorException">The server answered with an error.</exception>
    internal async Task<CallToolResult> AskAsync(CallSpec spec, JsonObject question, CancellationToken ct)
    {
        var request = new ServerRequest(RequestMethods.ToolsCall, ParametersOf(spec.Tool!)) { Call = question, Delegated = delegator.For(spec), Trace = RequestSpans.ParentOf(spec) };
        var answer = await links.Of(new NamespacedName(spec.Namespace, spec.Tool!.Server)).SendAsync(request, ct);
        return answer.Deserialize<CallToolResult>(McpJsonUtilities.DefaultOptions) ?? throw new JsonException("the result is null");
    }

    private static JsonObject ParametersOf(CallTool tool)
    {
        var parameters = tool.Method is null
            ? new JsonObject { ["name"] = tool.Name, ["arguments"] = tool.Arguments.DeepClone() }
            : tool.Arguments.DeepClone().AsObject();
        foreach (var (name, answer) in tool.Answers ?? [])
        {
            parameters[name] = answer?.DeepClone();
        }

        return parameters;
    }
}
