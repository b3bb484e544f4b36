using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Requests;

/// <summary>
/// One request to a server that speaks a revision with sessions. All users share the gateway's session there, so the server can ask
/// none of them, and its log messages, which name no request, go to nobody; progress names its request.
/// </summary>
internal static class SessionRequest
{
    /// <inheritdoc cref="StatelessRequest.SendAsync"/>
    internal static async Task<JsonNode> SendAsync(McpClient session, ServerRequest request, CancellationToken ct)
    {
        if (request.Client is not { ProgressToken: { } wanted } client)
        {
            return await SendAsync(session, request, null, ct);
        }

        var ours = new ProgressToken(Guid.NewGuid().ToString("N"));
        await using var hearing = session.RegisterNotificationHandler(NotificationMethods.ProgressNotification, (notification, stop) =>
            (string?)notification.Params?["progressToken"] == ours.Token as string ? new ValueTask(client.HearAsync(Renamed(notification, wanted), stop)) : default);
        return await SendAsync(session, request, ours, ct);
    }

    private static async Task<JsonNode> SendAsync(McpClient session, ServerRequest request, ProgressToken? progress, CancellationToken ct)
    {
        var sent = new JsonRpcRequest { Method = request.Method, Params = request.ParametersWith([], progress) };
        return (await session.SendRequestAsync(sent, ct)).Result ?? new JsonObject();
    }

    private static JsonRpcNotification Renamed(JsonRpcNotification notification, ProgressToken token)
    {
        var parameters = notification.Params!.DeepClone();
        parameters["progressToken"] = System.Text.Json.JsonSerializer.SerializeToNode(token, McpJsonUtilities.DefaultOptions);
        return new JsonRpcNotification { Method = notification.Method, Params = parameters };
    }
}
