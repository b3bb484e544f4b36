using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Serves MCP over Streamable HTTP on Kestrel, over the SDK's protocol core.</summary>
/// <remarks>
/// Source: MCP, "Transports", revisions 2025-03-26 to 2026-07-28. A server is described by its <see cref="McpServerOptions"/>: fixed tools in
/// a collection, or handlers for lists and calls where they differ by caller. Handlers learn who calls from <see cref="McpCallContext.Of"/>.
/// Safe for many threads; dispose it after the web application has stopped.
/// </remarks>
public sealed class McpHttpHost : IAsyncDisposable
{
    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    private readonly McpServerOptions _server, _statelessServer;
    private readonly McpHttpOptions _options;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly McpGate _gate;
    private readonly McpSessionTable _sessions;
    private readonly McpListenHub _listen = new();
    private CancellationToken _stopping;

    /// <summary>Prepares a host; <see cref="Map"/> puts it at a path.</summary>
    /// <param name="server">The server: its name, capabilities, tools and handlers. Its listen handler is set here.</param>
    /// <param name="options">Who may come in and within which limits.</param>
    /// <param name="logs">For the host and the SDK below it.</param>
    /// <param name="services">Handed to tools of sessions; requests without a session get the request's services.</param>
    /// <param name="clock">For the idle timeout.</param>
    /// <exception cref="ArgumentException">The options have faults; the message lists all of them.</exception>
    public McpHttpHost(McpServerOptions server, McpHttpOptions options, ILoggerFactory logs, IServiceProvider? services, TimeProvider clock)
    {
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        (_server, _options, _logs, _log) = (server, options, logs, logs.CreateLogger<McpHttpHost>());
        _gate = new McpGate(options, _log);
        _listen.Attach(server);
        _statelessServer = WithoutScopes(server);
        _sessions = new McpSessionTable(options, clock, _log, transport => McpServer.Create(transport, server, logs, services));
    }

    /// <summary>Open sessions.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Serves at a path.</summary>
    /// <param name="endpoints">The web application.</param>
    /// <param name="pattern">Route, for example <c>/mcp</c> or <c>/mcp/servers/{ns}/{name}</c>; several calls serve several routes.</param>
    public void Map(IEndpointRouteBuilder endpoints, string pattern)
    {
        _stopping = endpoints.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        endpoints.MapPost(pattern, http => AdmitAsync(http, PostAsync));
        endpoints.MapGet(pattern, http => AdmitAsync(http, GetAsync));
        endpoints.MapDelete(pattern, http => AdmitAsync(http, DeleteAsync));
        if (_options.ResourceMetadata is not { } metadata) return;
        endpoints.MapGet(McpGate.MetadataPath, () => Results.Json(metadata, McpJsonUtilities.DefaultOptions));
        endpoints.MapGet(McpGate.MetadataPath + pattern, () => Results.Json(metadata, McpJsonUtilities.DefaultOptions));
    }

    /// <summary>Tells every client that listens that the list of tools is another one now.</summary>
    /// <param name="ct">Ends the telling.</param>
    public Task NotifyToolsChangedAsync(CancellationToken ct) => NotifyListChangedAsync(NotificationMethods.ToolListChangedNotification, ct);

    /// <summary>Tells every client that listens that a list is another one now.</summary>
    /// <param name="method">Which list: the method of one of the three <c>list_changed</c> notifications.</param>
    /// <param name="ct">Ends the telling.</param>
    /// <remarks>Clients hear only of lists that the server's capabilities announce changes of.</remarks>
    public async Task NotifyListChangedAsync(string method, CancellationToken ct)
    {
        if (!Announces(method)) return;
        _listen.Publish(method);
        foreach (var session in _sessions.All)
        {
            try
            {
                await session.Server.SendNotificationAsync(method, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                _log.NotificationFailed(e); // the session is ending; the others still want to know
            }
        }
    }

    private bool Announces(string method) => _server.Capabilities is not { } announced || method switch
    {
        NotificationMethods.ToolListChangedNotification => announced.Tools?.ListChanged == true,
        NotificationMethods.PromptListChangedNotification => announced.Prompts?.ListChanged == true,
        NotificationMethods.ResourceListChangedNotification => announced.Resources?.ListChanged == true,
        _ => false,
    };

    /// <summary>Tells every client that subscribed to a resource that it changed (revision 2026-07-28).</summary>
    /// <param name="uri">The resource.</param>
    public void NotifyResourceUpdated(string uri) =>
        _listen.Publish(NotificationMethods.ResourceUpdatedNotification, new System.Text.Json.Nodes.JsonObject { ["uri"] = uri });

    /// <summary>Closes every session.</summary>
    public ValueTask DisposeAsync() => _sessions.DisposeAsync();

    private async Task AdmitAsync(HttpContext http, Func<McpCallContext, Task> next)
    {
        if (await _gate.AdmitAsync(http).ConfigureAwait(false) is not { } call) return;
        try
        {
            await next(call).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            // The client left or the host stops: nobody reads an answer.
        }
    }

    private async Task PostAsync(McpCallContext call)
    {
        var http = call.Http;
        if (!Accepts(http, "application/json") || !Accepts(http, "text/event-stream"))
        {
            await McpReply.RefuseAsync(http, 406, "the Accept header must name both application/json and text/event-stream").ConfigureAwait(false);
            return;
        }
        if (await ReadAsync(http).ConfigureAwait(false) is not { } message) return;
        var envelope = new McpEnvelope(message, http.Request.Headers);
        var fault = envelope.Fault(_options.Mode) ?? await ParameterFaultAsync(call, envelope).ConfigureAwait(false);
        if (fault is not null)
        {
            await McpReply.RefuseAsync(http, fault, envelope.Id).ConfigureAwait(false);
            return;
        }
        call.AttachTo(message, envelope.Revision.Length > 0 ? envelope.Revision : null);
        using var exchange = McpExchange.Start(call, envelope);
        if (envelope.IsStateless || _options.Mode == McpSessionMode.Stateless)
        {
            await AnswerWithoutSessionAsync(call, message, envelope.IsStateless, exchange).ConfigureAwait(false);
            return;
        }
        var opens = envelope.Method == RequestMethods.Initialize && !http.Request.Headers.ContainsKey(McpReply.SessionIdHeader);
        var session = opens
            ? await _sessions.OpenAsync(call, CreateTransport, envelope.Id).ConfigureAwait(false)
            : await _sessions.FindAsync(call, envelope.Id).ConfigureAwait(false);
        if (session is null) return;
        exchange?.InSession(session.Id);
        await InSessionAsync(session, () => RespondAsync(http, session.Transport, message, first => First(http, first, false, exchange), http.RequestAborted)).ConfigureAwait(false);
    }

    private async Task<JsonRpcMessage?> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = _options.MaxBodyBytes;
        try
        {
            if (http.Request.ContentLength > _options.MaxBodyBytes)
                throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
            if (await JsonSerializer.DeserializeAsync(http.Request.Body, MessageType, http.RequestAborted).ConfigureAwait(false) is { } message) return message;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await McpReply.RefuseAsync(http, 413, $"the request body is larger than {_options.MaxBodyBytes} bytes; send less").ConfigureAwait(false);
            return null;
        }
        catch (JsonException)
        {
            // Answered below; the text of the parser says nothing that the sender does not see.
        }
        await McpReply.RefuseAsync(http, new McpRefusal(400, -32600, "the body is not one JSON-RPC message")).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<McpRefusal?> ParameterFaultAsync(McpCallContext call, McpEnvelope envelope)
    {
        if (!envelope.IsStateless || envelope.ToolName is not { } name) return null;
        var tool = _server.ToolCollection?.TryGetPrimitive(name, out var found) == true ? found!.ProtocolTool
            : _options.FindTool is { } find ? await find(call, name, call.Http.RequestAborted).ConfigureAwait(false) : null;
        return tool is null ? null : envelope.ParameterFault(tool.InputSchema);
    }

    private async Task AnswerWithoutSessionAsync(McpCallContext call, JsonRpcMessage message, bool statusByError, McpExchange? exchange)
    {
        var http = call.Http;
        await using var transport = new StreamableHttpServerTransport(_logs) { Stateless = true };
        await using var server = McpServer.Create(transport, _statelessServer, _logs, http.RequestServices);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping);
        var run = server.RunAsync(ending.Token);
        try
        {
            await RespondAsync(http, transport, message, first => First(http, first, statusByError, exchange), ending.Token).ConfigureAwait(false);
        }
        finally
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await EndOfAsync(run, ending.Token).ConfigureAwait(false);
        }
    }

    private static async Task EndOfAsync(Task run, CancellationToken ending)
    {
        try
        {
            await run.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // We ended it ourselves.
        }
    }

    // MCP 2026-07-28 gives some JSON-RPC errors an HTTP status of their own (SEP-2575).
    private static ValueTask First(HttpContext http, JsonRpcMessage? first, bool statusByError, McpExchange? exchange)
    {
        exchange?.Answer(first);
        if (statusByError && first is JsonRpcError error && !http.Response.HasStarted)
            http.Response.StatusCode = error.Error.Code switch { -32601 => 404, -32020 or -32021 or -32022 => 400, _ => 200 };
        return default;
    }

    private async Task RespondAsync(
        HttpContext http, StreamableHttpServerTransport transport, JsonRpcMessage message, Func<JsonRpcMessage?, ValueTask>? onFirst, CancellationToken ct)
    {
        var body = _options.JsonResponses && _options.EventStore is null ? new EventStreamOrJson(http.Response.Body, http.Response) : http.Response.Body;
        McpReply.StartEventStream(http);
        if (await transport.HandlePostRequestAsync(message, body, onFirst, ct).ConfigureAwait(false)) return;
        http.Response.Headers.Clear();
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task GetAsync(McpCallContext call)
    {
        if (await RefusedWithoutSessionsAsync(call.Http).ConfigureAwait(false)) return;
        if (!Accepts(call.Http, "text/event-stream"))
        {
            await McpReply.RefuseAsync(call.Http, 406, "the Accept header must name text/event-stream").ConfigureAwait(false);
            return;
        }
        if (await _sessions.FindAsync(call).ConfigureAwait(false) is not { } session) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Http.RequestAborted, _stopping, session.Closed);
        try
        {
            await InSessionAsync(session, () => StreamAsync(call.Http, session, ending.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client left, the session was closed or the host stops: the normal end of a stream.
        }
    }

    private async Task StreamAsync(HttpContext http, McpSession session, CancellationToken ct)
    {
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
        {
            var reader = _options.EventStore is null ? null : await _options.EventStore.GetStreamReaderAsync(last, ct).ConfigureAwait(false);
            if (reader is null || reader.SessionId != session.Id)
            {
                await McpReply.RefuseAsync(http, 400, "Last-Event-ID is invalid, expired or of another session; start a new stream").ConfigureAwait(false);
                return;
            }
            McpReply.StartEventStream(http);
            await McpEventReplay.WriteAsync(reader, http.Response.Body, MessageType, ct).ConfigureAwait(false);
            return;
        }
        if (!session.TryOpenStream())
        {
            await McpReply.RefuseAsync(http, 409, "the session already has a GET stream; use that one").ConfigureAwait(false);
            return;
        }
        McpReply.StartEventStream(http);
        await session.Transport.HandleGetRequestAsync(http.Response.Body, ct).ConfigureAwait(false);
    }

    private async Task DeleteAsync(McpCallContext call)
    {
        if (await RefusedWithoutSessionsAsync(call.Http).ConfigureAwait(false)) return;
        if (await _sessions.FindAsync(call).ConfigureAwait(false) is { } session) await _sessions.CloseAsync(session).ConfigureAwait(false);
    }

    private async Task<bool> RefusedWithoutSessionsAsync(HttpContext http)
    {
        if (_options.Mode != McpSessionMode.Stateless && !McpEnvelope.IsStatelessRevision(http.Request.Headers[McpReply.ProtocolVersionHeader].ToString())) return false;
        http.Response.Headers.Allow = "POST";
        await McpReply.RefuseAsync(http, 405, "only POST is served without sessions").ConfigureAwait(false);
        return true;
    }

    private async Task InSessionAsync(McpSession session, Func<Task> work)
    {
        session.Enter();
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            session.Leave(_sessions.Now);
        }
    }

    private StreamableHttpServerTransport CreateTransport(string sessionId) =>
        new(_logs) { SessionId = sessionId, FlowExecutionContextFromRequests = true, EventStreamStore = _options.EventStore };

    private static bool Accepts(HttpContext http, string type)
    {
        var accept = http.Request.Headers.Accept.ToString();
        return accept.Contains(type, StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal);
    }

    // The request's services are a scope already; a second one per request would only cost.
    private static McpServerOptions WithoutScopes(McpServerOptions server) => new()
    {
        ServerInfo = server.ServerInfo,
        Capabilities = server.Capabilities,
        ProtocolVersion = server.ProtocolVersion,
        ServerInstructions = server.ServerInstructions,
        ScopeRequests = false,
        Handlers = server.Handlers,
        Filters = server.Filters,
        ToolCollection = server.ToolCollection,
        ResourceCollection = server.ResourceCollection,
        PromptCollection = server.PromptCollection,
        RequestHandlers = server.RequestHandlers,
    };
}
