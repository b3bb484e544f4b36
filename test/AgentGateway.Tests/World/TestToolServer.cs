using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.ServiceDefaults.Mcp;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.AgentGateway.Tests.World;

/// <summary>A call that arrived at the tool server.</summary>
internal sealed record ToolHit(string Tool, JsonObject Arguments, JsonObject Call)
{
    /// <summary>The HTTP request that brought it.</summary>
    internal ToolRequest? Request { get; init; }

    /// <summary>Its <c>_meta</c>.</summary>
    internal JsonObject? Meta { get; init; }
}

/// <summary>What an HTTP request showed besides its body.</summary>
/// <param name="Headers">All headers, a line each.</param>
/// <param name="Authorization">The header of that name.</param>
/// <param name="Thumbprint">Of the certificate of the connection.</param>
internal sealed record ToolRequest(string Headers, string? Authorization, string? Thumbprint);

/// <summary>A real MCP server over mutual TLS that admits the gateway alone.</summary>
internal sealed class TestToolServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly McpHttpHost _mcp;

    private TestToolServer(WebApplication app, McpHttpHost mcp, TestToolServerBehavior behavior)
    {
        (_app, _mcp, Behavior) = (app, mcp, behavior);
        var listening = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        (Address, Port) = (listening.Host, listening.Port);
    }

    internal string Address { get; }

    internal int Port { get; }

    internal TestToolServerBehavior Behavior { get; }

    internal ConcurrentQueue<ToolHit> Hits => Behavior.Hits;

    internal Task ToolsChangedAsync() => _mcp.NotifyToolsChangedAsync(CancellationToken.None);

    /// <param name="cluster">It listens on an address of the range from which this cluster takes those of Services; all of 127/8 is this machine.</param>
    /// <param name="identity">Its own identity.</param>
    /// <param name="gateway">Who may call.</param>
    /// <param name="host">Last part of its address.</param>
    internal static async Task<TestToolServer> StartAsync(LocalCluster.LocalCluster cluster, IX509Source identity, SpiffeId gateway, string host = ".77")
    {
        var address = cluster.ServiceCidr.Replace(".0.0/16", $".0{host}", StringComparison.Ordinal);
        var behavior = new TestToolServerBehavior();
        var server = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "ops", Version = "1" },
            Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true }, Resources = new ResourcesCapability() },
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = behavior.ListAsync,
                CallToolHandler = behavior.CallAsync,
                ListResourcesHandler = (_, _) => ValueTask.FromResult(new ListResourcesResult { Resources = [new Resource { Uri = TestToolServerBehavior.Manual, Name = "manual" }, new Resource { Uri = TestToolServerBehavior.Ledger, Name = "ledger" }] }),
                ReadResourceHandler = behavior.ReadAsync,
            },
        };
        var http = new McpHttpOptions
        {
            Authenticate = (context, _) => ValueTask.FromResult(McpAuthentication.Accept(new ClaimsPrincipal(new ClaimsIdentity("SVID")), context.PeerSpiffeId()!.ToString(), RequestOf(context))),
        };
        http.AllowedHosts.Add("*");
        var mcp = new McpHttpHost(server, http, NullLoggerFactory.Instance, null, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Parse(address), 0, l => l.UseHttps(SpiffeTls.Server(identity, SpiffeAuthorizer.Exactly(gateway)))));
        var app = builder.Build();
        mcp.Map(app, "/mcp");
        await app.StartAsync();
        return new TestToolServer(app, mcp, behavior);
    }

    private static ToolRequest RequestOf(HttpContext context) => new(
        string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}: {h.Value}")), (string?)context.Request.Headers.Authorization, context.PeerThumbprint());

    public async ValueTask DisposeAsync()
    {
        Behavior.Release();
        await _mcp.DisposeAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>The tools of <see cref="TestToolServer"/>.</summary>
internal sealed class TestToolServerBehavior
{
    private volatile TaskCompletionSource _gate = Completed();
    private readonly ConcurrentDictionary<string, CallToolResult> _outcomes = new();

    /// <summary>A resource that users may read.</summary>
    internal const string Manual = "ops://manual";

    /// <summary>A resource that policy keeps from users.</summary>
    internal const string Ledger = "ops://ledger";

    internal ConcurrentQueue<ToolHit> Hits { get; } = new();

    internal IList<Tool> Tools { get; set; } = [Tool("read"), Tool("restart"), Tool("remove"), Tool("scale")];

    /// <summary>Fires when a call has arrived and waits at the gate.</summary>
    internal SemaphoreSlim Arrived { get; } = new(0);

    /// <summary>From now on calls take effect and then wait, until <see cref="Release"/>.</summary>
    internal void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Release() => _gate.TrySetResult();

    internal static Tool Tool(string name, string? description = null) => new()
    {
        Name = name,
        Description = description ?? $"Does {name}.",
        InputSchema = JsonElement.Parse("""{"type":"object","properties":{"name":{"type":"string"}}}"""),
    };

    internal ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken ct) => ValueTask.FromResult(new ListToolsResult { Tools = Tools });

    internal ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken ct)
    {
        var uri = request.Params!.Uri;
        Hits.Enqueue(new ToolHit(uri, [], request.Params.Meta!["castellan.dev/call"]!.DeepClone().AsObject()));
        return uri is Manual or Ledger
            ? ValueTask.FromResult(new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, Text = "read me" }] })
            : throw new McpProtocolException($"there is no {uri}", McpErrorCode.ResourceNotFound);
    }

    /// <summary>Asks for a name first, and tells of progress when it has one.</summary>
    private static async Task<CallToolResult> AskAsync(RequestContext<CallToolRequestParams> request, CancellationToken ct)
    {
        if (request.Params!.InputResponses?.TryGetValue("name", out var answer) != true)
        {
            throw request.Server.ClientCapabilities?.Elicitation is null
                ? new McpProtocolException("nobody can be asked", McpErrorCode.InvalidRequest)
                : new InputRequiredException(new Dictionary<string, InputRequest>
                {
                    ["name"] = InputRequest.ForElicitation(new ElicitRequestParams { Message = "Who?", RequestedSchema = new() { Properties = { ["name"] = new ElicitRequestParams.StringSchema() } } }),
                });
        }

        if (request.Params.ProgressToken is { } token)
        {
            await request.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = 1, Message = "asked" }, cancellationToken: ct);
        }

        return new CallToolResult { Content = [new TextContentBlock { Text = $"{answer!.Deserialize(InputResponse.ElicitResultJsonTypeInfo)!.Content!["name"]}" }] };
    }

    internal async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken ct)
    {
        var call = request.Params!.Meta!["castellan.dev/call"]!.AsObject();
        var id = call["callId"]!.GetValue<string>();
        if (call["query"] is not null)
        {
            return _outcomes.TryGetValue(id, out var stored)
                ? new CallToolResult { Content = stored.Content, Meta = new JsonObject { ["castellan.dev/outcome"] = "completed" } }
                : new CallToolResult { Content = [], IsError = true, Meta = new JsonObject { ["castellan.dev/outcome"] = "unknown" } };
        }

        var arguments = new JsonObject((request.Params.Arguments ?? new Dictionary<string, JsonElement>()).Select(a => KeyValuePair.Create(a.Key, JsonNode.Parse(a.Value.GetRawText()))));
        Hits.Enqueue(new ToolHit(request.Params.Name, arguments, call.DeepClone().AsObject()) { Request = McpCallContext.Of(request).Caller as ToolRequest, Meta = request.Params.Meta.DeepClone().AsObject() });
        if (arguments.ContainsKey("ask"))
        {
            return await AskAsync(request, ct);
        }

        var result = new CallToolResult { Content = [new TextContentBlock { Text = $"{request.Params.Name} done" }] };
        _outcomes[id] = result;
        var gate = _gate;
        Arrived.Release();
        await gate.Task.WaitAsync(ct);
        return result;
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
