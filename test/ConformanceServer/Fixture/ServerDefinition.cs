using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>Puts the fixture together.</summary>
internal static class ServerDefinition
{
    private static readonly TimeSpan ListsLast = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollAgain = TimeSpan.FromMilliseconds(500);

    public static McpServerOptions Create()
    {
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "castellan-conformance", Version = "1.0.0", Title = "Fixture of the MCP conformance suite" },
            ServerInstructions = "Answers what the conformance suite asks for.",
            Capabilities = new ServerCapabilities
            {
                Tools = new ToolsCapability { ListChanged = true },
                Prompts = new PromptsCapability { ListChanged = true },
                Resources = new ResourcesCapability { ListChanged = true, Subscribe = true },
                Completions = new CompletionsCapability(),
                Logging = new LoggingCapability(),
            },
            ToolCollection = [.. ContentTools.All, .. InputTools.All, .. RoundTools.All],
            PromptCollection = [.. Prompts.All],
            ResourceCollection = [.. Resources.All],
            Handlers = new McpServerHandlers
            {
                CompleteHandler = (_, _) => ValueTask.FromResult(new CompleteResult { Completion = new Completion { Values = ["paris", "park", "party"], Total = 3, HasMore = false } }),
                SubscribeToResourcesHandler = (_, _) => ValueTask.FromResult(new EmptyResult()),
                UnsubscribeFromResourcesHandler = (_, _) => ValueTask.FromResult(new EmptyResult()),
                SetLoggingLevelHandler = (_, _) => ValueTask.FromResult(new EmptyResult()),
            },
        };
        AddTriggers(options);
        AddFilters(options.Filters.Request);
        return options;
    }

    // Two tools whose only job is to change what there is, so that listeners hear of it.
    private static void AddTriggers(McpServerOptions options)
    {
        var (tools, prompts) = (options.ToolCollection!, options.PromptCollection!);
        var (tool, prompt) = (FixtureTool.Of("test_added_tool", () => "added"), Prompts.Of("test_added_prompt", () => "added"));
        tools.Add(FixtureTool.Of("test_trigger_tool_change", () => Flip(tools, tool)));
        tools.Add(FixtureTool.Of("test_trigger_prompt_change", () => Flip(prompts, prompt)));
    }

    private static string Flip<T>(McpServerPrimitiveCollection<T> all, T one) where T : class, IMcpServerPrimitive
    {
        if (!all.TryAdd(one))
        {
            all.Remove(one);
        }

        return "changed";
    }

    private static void AddFilters(McpRequestFilters filters)
    {
        filters.CallToolFilters.Add(next => async (request, ct) =>
        {
            var result = await next(request, ct);
            if (request.Params!.Name == "test_reconnection")
            {
                await request.EnablePollingAsync(PollAgain, ct);
            }

            return result;
        });
        filters.ReadResourceFilters.Add(next => async (request, ct) =>
        {
            try
            {
                return await next(request, ct);
            }
            catch (McpProtocolException e) when (e.ErrorCode is McpErrorCode.InvalidParams or McpErrorCode.ResourceNotFound)
            {
                e.Data["uri"] = request.Params!.Uri;
                throw;
            }
        });
        filters.ListToolsFilters.Add(next => async (request, ct) =>
        {
            var result = await next(request, ct);
            (result.TimeToLive, result.CacheScope) = (ListsLast, CacheScope.Public);
            return result;
        });
    }
}
