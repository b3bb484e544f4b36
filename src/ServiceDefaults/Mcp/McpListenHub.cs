using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Serves <c>subscriptions/listen</c>: fans changes out to the streams that asked for them.</summary>
/// <remarks>MCP 2026-07-28, "Subscriptions". A slow listener loses its oldest notifications; all of them only say "ask again".</remarks>
internal sealed class McpListenHub
{
    private readonly record struct Change(string Method, JsonObject? Params);

    private sealed record Listener(SubscriptionsListenNotifications Wanted, Channel<Change> Changes);

    private readonly Lock _lock = new();
    private readonly List<Listener> _listeners = [];

    public void Attach(McpServerOptions options)
    {
        if (options.ToolCollection is { } tools) tools.Changed += (_, _) => Publish(NotificationMethods.ToolListChangedNotification);
        if (options.PromptCollection is { } prompts) prompts.Changed += (_, _) => Publish(NotificationMethods.PromptListChangedNotification);
        if (options.ResourceCollection is { } resources) resources.Changed += (_, _) => Publish(NotificationMethods.ResourceListChangedNotification);
        options.Handlers.SubscriptionsListenHandler = ListenAsync;
    }

    public void Publish(string method, JsonObject? parameters = null)
    {
        lock (_lock)
        {
            foreach (var listener in _listeners)
            {
                if (Wants(listener.Wanted, method, parameters)) listener.Changes.Writer.TryWrite(new(method, parameters));
            }
        }
    }

    private static bool Wants(SubscriptionsListenNotifications wanted, string method, JsonObject? parameters) => method switch
    {
        NotificationMethods.ToolListChangedNotification => wanted.ToolsListChanged == true,
        NotificationMethods.PromptListChangedNotification => wanted.PromptsListChanged == true,
        NotificationMethods.ResourceListChangedNotification => wanted.ResourcesListChanged == true,
        NotificationMethods.ResourceUpdatedNotification =>
            parameters?["uri"]?.ToString() is { } uri && wanted.ResourceSubscriptions?.Contains(uri) == true,
        _ => false,
    };

    private async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken ct)
    {
        var wanted = request.Params!.Notifications;
        var changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
        var listener = new Listener(wanted, changes);
        lock (_lock) _listeners.Add(listener);
        try
        {
            var acknowledged = new JsonObject { ["notifications"] = JsonSerializer.SerializeToNode(wanted, McpJsonUtilities.DefaultOptions) };
            await SendAsync(request, new(NotificationMethods.SubscriptionsAcknowledgedNotification, acknowledged), ct).ConfigureAwait(false);
            await foreach (var change in changes.Reader.ReadAllAsync(ct).ConfigureAwait(false))
                await SendAsync(request, change, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The client closed its stream: the normal end.
        }
        finally
        {
            lock (_lock) _listeners.Remove(listener);
        }
        return new EmptyResult();
    }

    private static Task SendAsync(RequestContext<SubscriptionsListenRequestParams> request, Change change, CancellationToken ct)
    {
        var parameters = change.Params?.DeepClone() as JsonObject ?? [];
        if (parameters["_meta"] is not JsonObject meta) parameters["_meta"] = meta = [];
        meta[MetaKeys.SubscriptionId] = request.JsonRpcRequest.Id.Id switch
        {
            string text => JsonValue.Create(text),
            long number => JsonValue.Create(number),
            _ => null,
        };
        return request.Server.SendMessageAsync(new JsonRpcNotification { Method = change.Method, Params = parameters }, ct);
    }
}
