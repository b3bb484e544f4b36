using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.AgentGateway.Requests;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.ServiceDefaults.Mcp;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.AgentGateway.Mcp;

/// <summary>
/// What the endpoint of one tool server serves besides tools: its resources, its prompts and its completions. To policy each method is a
/// tool of that server, named after the method, that changes nothing; a read goes the same way as a tool call.
/// </summary>
internal sealed class ServerEdge(McpEdge edge, ClusterCatalog cluster, PolicyInForce policy, UserToolCalls calls, ToolServerLinks links)
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(30);

    internal McpServerOptions ServerOptions()
    {
        var options = edge.ServerOptions();
        options.Capabilities = new ServerCapabilities
        {
            Tools = new ToolsCapability { ListChanged = true },
            Prompts = new PromptsCapability { ListChanged = true },
            Resources = new ResourcesCapability { ListChanged = true },
            Completions = new CompletionsCapability(),
            Logging = new LoggingCapability(),
        };
        var handlers = options.Handlers;
        handlers.CallToolHandler = (request, ct) => edge.CallAsync(request, withLog: true, ct);
        handlers.ListResourcesHandler = async (request, ct) => Readable(request, await ListAsync<ListResourcesResult>(request, RequestMethods.ResourcesList, RequestMethods.ResourcesRead, request.Params?.Cursor, ct));
        handlers.ListResourceTemplatesHandler = (request, ct) => ListAsync<ListResourceTemplatesResult>(request, RequestMethods.ResourcesTemplatesList, RequestMethods.ResourcesRead, request.Params?.Cursor, ct);
        handlers.ListPromptsHandler = (request, ct) => ListAsync<ListPromptsResult>(request, RequestMethods.PromptsList, RequestMethods.PromptsGet, request.Params?.Cursor, ct);
        handlers.ReadResourceHandler = (request, ct) => RequestAsync<ReadResourceRequestParams, ReadResourceResult>(request, RequestMethods.ResourcesRead, ct);
        handlers.GetPromptHandler = (request, ct) => RequestAsync<GetPromptRequestParams, GetPromptResult>(request, RequestMethods.PromptsGet, ct);
        handlers.CompleteHandler = (request, ct) => RequestAsync<CompleteRequestParams, CompleteResult>(request, RequestMethods.CompletionComplete, ct);
        handlers.SetLoggingLevelHandler = (_, _) => ValueTask.FromResult(new EmptyResult()); // the SDK keeps the level
        // Without these the SDK would answer that the client is subscribed, and nobody would ever tell it anything.
        options.Filters.Request.SubscribeToResourcesFilters.Add(_ => (_, _) => throw NoSubscriptions());
        options.Filters.Request.UnsubscribeFromResourcesFilters.Add(_ => (_, _) => throw NoSubscriptions());
        return options;
    }

    private static McpProtocolException NoSubscriptions() =>
        new("the gateway carries no subscriptions to single resources; read the resource again when you need it", McpErrorCode.MethodNotFound);

    private async ValueTask<TResult> RequestAsync<T, TResult>(RequestContext<T> request, string method, CancellationToken ct) where T : RequestParams
    {
        var tool = CatalogTool.OfMethod(ServerOf(request), method);
        var result = await calls.RequestAsync(EdgeRequest.Call(request, tool, EdgeRequest.Parameters(request), withLog: true, ct), ct);
        return Read<TResult>(result);
    }

    /// <summary>A list as the server gives it, if policy may allow to read anything of it; a server without such a list has an empty one.</summary>
    private async ValueTask<TResult> ListAsync<TResult>(MessageContext request, string method, string reads, string? cursor, CancellationToken ct) where TResult : Result, new()
    {
        var server = ServerOf(request);
        if (!policy.MayAllow(UserOf(request), CatalogTool.OfMethod(server, reads)))
        {
            return new TResult();
        }

        using var timeout = new CancellationTokenSource(ListTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            var parameters = cursor is null ? [] : new JsonObject { ["cursor"] = cursor };
            var result = await links.Of(server).SendAsync(new ServerRequest(method, parameters), either.Token);
            if (result["cacheScope"] is not null)
            {
                result["cacheScope"] = "private"; // what a user sees depends on who they are
            }

            return Read<TResult>(JsonSerializer.SerializeToElement(result));
        }
        catch (Exception e) when (ToolReading.Error(e) is { } error)
        {
            return error.Code == (int)McpErrorCode.MethodNotFound ? new TResult() : throw EdgeErrors.Of(error);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is ToolUnreachableException or ToolRefusedException or HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            throw new McpProtocolException($"tool server {server} gave no list: {(timeout.IsCancellationRequested ? $"no answer within {ListTimeout.TotalSeconds:0} s" : e.Message)}", McpErrorCode.InternalError);
        }
    }

    /// <summary>The list without those resources that policy does not let the user read.</summary>
    private ListResourcesResult Readable(MessageContext request, ListResourcesResult all)
    {
        var (server, user) = (ServerOf(request), UserOf(request));
        all.Resources = [.. all.Resources.Where(resource => policy.Decide(new PolicyQuestion
        {
            Kind = CallKind.Tool,
            Principal = user,
            OnBehalfOf = user.Name,
            OnBehalfOfGroups = user.Groups,
            Namespace = server.Namespace,
            Server = server.Name,
            Tool = RequestMethods.ResourcesRead,
            Effect = ToolEffect.Read,
            Arguments = new JsonObject { ["uri"] = resource.Uri },
        }).Effect != DecisionEffect.Deny)];
        return all;
    }

    private NamespacedName ServerOf(MessageContext request)
    {
        var context = McpCallContext.Of(request);
        var server = new NamespacedName(context.RouteValue("ns") ?? "", context.RouteValue("name") ?? "");
        return cluster.ToolServers.Find(server) is not null ? server : throw new McpProtocolException($"there is no tool server {server}; see 'castellan get toolservers'", McpErrorCode.InvalidRequest);
    }

    private static Principal UserOf(MessageContext request) => (Principal)McpCallContext.Of(request).Caller!;

    private static TResult Read<TResult>(JsonElement result) => result.Deserialize<TResult>(McpJsonUtilities.DefaultOptions) ?? throw new JsonException("the result is null");
}
