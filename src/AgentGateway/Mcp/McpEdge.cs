using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.ServiceDefaults.Mcp;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.AgentGateway.Mcp;

/// <summary>
/// The MCP server that people's clients see: every tool that policy may allow them, on one URL, or one tool server on its own URL.
/// Each call goes the same way as an agent's.
/// </summary>
internal sealed class McpEdge(ToolCatalog tools, PolicyInForce policy, UserToolCalls calls, TokenAuthenticator tokens, GatewayOptions options)
{
    internal const string Pattern = "/mcp";
    internal const string ServerPattern = "/mcp/servers/{ns}/{name}";
    private const string DefaultNamespace = "default";

    internal McpServerOptions ServerOptions() => new()
    {
        ServerInfo = new Implementation { Name = "castellan", Version = "0.1.0" },
        ServerInstructions = "Tools of this cluster that you may use. Some calls wait for another person's approval: the answer then says so and names the call; repeat the same call afterwards.",
        Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true } },
        Handlers = new McpServerHandlers { ListToolsHandler = ListAsync, CallToolHandler = (request, ct) => CallAsync(request, withLog: false, ct) },
    };

    internal McpHttpOptions HttpOptions()
    {
        var http = new McpHttpOptions
        {
            Authenticate = AuthenticateAsync,
            FindTool = (context, name, _) => ValueTask.FromResult(Find(context, name) is { } tool ? Describe(name, tool) : null),
        };
        foreach (var host in options.EdgeHosts)
        {
            http.AllowedHosts.Add(host);
        }

        return http;
    }

    private async ValueTask<McpAuthentication> AuthenticateAsync(HttpContext context, CancellationToken ct)
    {
        try
        {
            var user = await EdgeAuthentication.UserAsync(context, tokens);
            return McpAuthentication.Accept(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user.Name)], "Bearer")), user.Key, user);
        }
        catch (GatewayException e) when (e.Status == StatusCodes.Status401Unauthorized)
        {
            return McpAuthentication.Unauthenticated(e.Message);
        }
    }

    private ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken ct)
    {
        var context = McpCallContext.Of(request);
        var user = (Principal)context.Caller!;
        var offered = Offered(context).Where(t => policy.MayAllow(user, t.Tool)).Select(t => Describe(t.Name, t.Tool));
        return ValueTask.FromResult(new ListToolsResult { Tools = [.. offered] });
    }

    /// <summary>Calls a tool.</summary>
    /// <param name="request">The client's request.</param>
    /// <param name="withLog">Clients with a session hear what the tool server logs meanwhile, for servers that say that they log.</param>
    /// <param name="ct">Ends the wait, not the call.</param>
    internal async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, bool withLog, CancellationToken ct)
    {
        var context = McpCallContext.Of(request);
        var parameters = request.Params ?? throw new McpProtocolException("the call has no parameters", McpErrorCode.InvalidParams);
        var tool = Find(context, parameters.Name) ?? FindBlocked(context, parameters.Name)
            ?? throw new McpProtocolException($"tool '{parameters.Name}' does not exist; list the tools again", McpErrorCode.InvalidParams);
        var arguments = new JsonObject((parameters.Arguments ?? new Dictionary<string, JsonElement>()).Select(a => KeyValuePair.Create(a.Key, JsonNode.Parse(a.Value.GetRawText()))));
        return await calls.CallAsync(EdgeRequest.Call(request, tool, arguments, withLog, ct), ct);
    }

    /// <summary>The tools behind this endpoint with the names under which it shows them.</summary>
    private IEnumerable<(string Name, CatalogTool Tool)> Offered(McpCallContext context) =>
        context.RouteValue("name") is { } name && context.RouteValue("ns") is { } ns
            ? tools.Of(new NamespacedName(ns, name)).Select(tool => (tool.Name, tool))
            : tools.All.Select(tool => (NameOf(tool), tool));

    private CatalogTool? Find(McpCallContext context, string name) => Offered(context).FirstOrDefault(t => t.Name == name).Tool;

    // A blocked tool is in no list, but a client may have seen it before: its call is denied with the reason, on record.
    private CatalogTool? FindBlocked(McpCallContext context, string name) => context.RouteValue("name") is { } server && context.RouteValue("ns") is { } ns
        ? tools.FindListed(new NamespacedName(ns, server), name)
        : tools.AllBlocked.FirstOrDefault(tool => NameOf(tool) == name);

    // Always the same name, whatever else exists: servers of namespace default are called by their own names alone.
    private static string NameOf(CatalogTool tool) => tool.Server.Namespace == DefaultNamespace ? tool.QualifiedName : $"{tool.Server.Namespace}__{tool.QualifiedName}";

    private static Tool Describe(string name, CatalogTool tool) => new()
    {
        Name = name,
        Description = tool.Description,
        InputSchema = tool.InputSchema,
        Annotations = new ToolAnnotations
        {
            ReadOnlyHint = tool.Effect == AgentApi.V1Alpha1.ToolEffect.Read,
            IdempotentHint = tool.Effect is AgentApi.V1Alpha1.ToolEffect.Read or AgentApi.V1Alpha1.ToolEffect.IdempotentWrite,
            DestructiveHint = tool.Effect == AgentApi.V1Alpha1.ToolEffect.Destructive,
        },
    };
}
