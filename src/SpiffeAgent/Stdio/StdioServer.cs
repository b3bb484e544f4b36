using System.Text.Json.Nodes;
using Castellan.ServiceDefaults.Mcp;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.SpiffeAgent.Stdio;

/// <summary>The MCP server that we serve for a command: what the command can do, each request passed on to it.</summary>
internal static class StdioServer
{
    /// <summary>Meta members of one connection's protocol; the client side writes its own.</summary>
    private const string ProtocolMetaPrefix = "io.modelcontextprotocol/";
    private const string ProgressToken = "progressToken";

    public static McpServerOptions For(McpClient command)
    {
        var theirs = command.ServerCapabilities;
        var options = new McpServerOptions
        {
            ServerInfo = command.ServerInfo,
            ServerInstructions = command.ServerInstructions,
            Capabilities = new()
            {
                Tools = theirs.Tools is null ? null : new() { ListChanged = true },
                Prompts = theirs.Prompts is null ? null : new(),
                Resources = theirs.Resources is null ? null : new(),
                Completions = theirs.Completions is null ? null : new(),
            },
        };
        AddHandlers(options.Handlers, command, theirs);
        return options;
    }

    private static void AddHandlers(McpServerHandlers handlers, McpClient command, ServerCapabilities theirs)
    {
        if (theirs.Tools is not null)
        {
            handlers.ListToolsHandler = (request, ct) => PassAsync<ListToolsRequestParams, ListToolsResult>(command, RequestMethods.ToolsList, request, new(), ct);
            handlers.CallToolHandler = (request, ct) => PassAsync<CallToolRequestParams, CallToolResult>(command, RequestMethods.ToolsCall, request, null, ct);
        }

        if (theirs.Prompts is not null)
        {
            handlers.ListPromptsHandler = (request, ct) => PassAsync<ListPromptsRequestParams, ListPromptsResult>(command, RequestMethods.PromptsList, request, new(), ct);
            handlers.GetPromptHandler = (request, ct) => PassAsync<GetPromptRequestParams, GetPromptResult>(command, RequestMethods.PromptsGet, request, null, ct);
        }

        if (theirs.Resources is not null)
        {
            handlers.ListResourcesHandler = (request, ct) => PassAsync<ListResourcesRequestParams, ListResourcesResult>(command, RequestMethods.ResourcesList, request, new(), ct);
            handlers.ListResourceTemplatesHandler = (request, ct) => PassAsync<ListResourceTemplatesRequestParams, ListResourceTemplatesResult>(command, RequestMethods.ResourcesTemplatesList, request, new(), ct);
            handlers.ReadResourceHandler = (request, ct) => PassAsync<ReadResourceRequestParams, ReadResourceResult>(command, RequestMethods.ResourcesRead, request, null, ct);
        }

        if (theirs.Completions is not null)
        {
            handlers.CompleteHandler = (request, ct) => PassAsync<CompleteRequestParams, CompleteResult>(command, RequestMethods.CompletionComplete, request, null, ct);
        }
    }

    private static async ValueTask<TResult> PassAsync<TParameters, TResult>(
        McpClient command, string method, RequestContext<TParameters> request, TParameters? byDefault, CancellationToken ct)
        where TParameters : RequestParams
        where TResult : class
    {
        var parameters = request.Params ?? byDefault ?? throw new McpProtocolException($"{method} needs parameters", McpErrorCode.InvalidParams);
        parameters.Meta = Passed(parameters.Meta);
        try
        {
            return await command.SendRequestAsync<TParameters, TResult>(method, parameters, McpJsonUtilities.DefaultOptions, default, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not McpException)
        {
            // The command died with the request in hand. An error would read as "it did not happen"; a broken answer says "unknown".
            McpCallContext.Find(request)?.Http.Abort();
            throw;
        }
    }

    private static JsonObject? Passed(JsonObject? meta)
    {
        if (meta is null)
        {
            return null;
        }

        var kept = meta.Where(m => m.Key != ProgressToken && !m.Key.StartsWith(ProtocolMetaPrefix, StringComparison.Ordinal));
        return new(kept.Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
    }
}
