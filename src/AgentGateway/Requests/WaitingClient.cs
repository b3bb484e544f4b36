using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Requests;

/// <summary>The MCP client whose request waits for a call: what it may be asked for meanwhile, and how it hears of progress.</summary>
/// <param name="Capabilities">What the client can do, as it declared.</param>
/// <param name="LogLevel">From which level on it wants log messages; null wants none.</param>
/// <param name="ProgressToken">Under which it wants progress; null wants none.</param>
/// <param name="Notify">Sends it a notification that belongs to its request.</param>
internal sealed record WaitingClient(JsonObject Capabilities, string? LogLevel, ProgressToken? ProgressToken, Func<JsonRpcNotification, CancellationToken, Task> Notify)
{
    /// <summary>Passes on what a tool server says while it works; other notifications are not for a client that waits for one answer.</summary>
    internal async Task HearAsync(JsonRpcNotification notification, CancellationToken ct)
    {
        if (notification.Method is not (NotificationMethods.ProgressNotification or NotificationMethods.LoggingMessageNotification))
        {
            return;
        }

        try
        {
            await Notify(new JsonRpcNotification { Method = notification.Method, Params = notification.Params?.DeepClone() }, ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // The client left; its call goes on without it.
        }
    }
}

/// <summary>
/// The clients that wait for calls of this process, by call. An effect that finds none (its client left, or a crash lies between) is
/// made without them: then the tool server learns that nobody can be asked.
/// </summary>
internal sealed class WaitingClients
{
    private readonly ConcurrentDictionary<string, WaitingClient> _clients = new(StringComparer.Ordinal);

    internal WaitingClient? Find(string callId) => _clients.GetValueOrDefault(callId);

    /// <summary>From now until it is disposed of, the client can be reached under the call. The first of several stays.</summary>
    internal IDisposable Enter(string callId, WaitingClient client)
    {
        _clients.TryAdd(callId, client);
        return new Exit(() => _clients.TryRemove(KeyValuePair.Create(callId, client)));
    }

    private sealed class Exit(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
