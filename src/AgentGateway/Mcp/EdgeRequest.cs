using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Requests;
using Castellan.ServiceDefaults.Mcp;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.AgentGateway.Mcp;

/// <summary>Turns what an MCP client sent into a user's call.</summary>
internal static class EdgeRequest
{
    private const string KeyName = "castellan.dev/idempotency-key";

    // Extensions that a client speaks are not for the tool server: their results would not be those that the gateway reads.
    private static readonly string[] Askable = ["elicitation", "sampling", "roots"];

    private static readonly string[] Answers = ["inputResponses", "requestState"];

    internal static UserToolCall Call<T>(RequestContext<T> request, CatalogTool tool, JsonObject arguments, bool withLog, CancellationToken ct) where T : RequestParams
    {
        var context = McpCallContext.Of(request);
        var progress = request.Params?.ProgressToken is { } token
            ? new Func<ProgressNotificationValue, Task>(value => request.Server.NotifyProgressAsync(token, value, cancellationToken: ct))
            : null;
        return new UserToolCall((Principal)context.Caller!, tool, arguments, KeyOf(request.Params), context.Http.Connection.RemoteIpAddress?.ToString(), progress)
        {
            Client = ClientOf(request, withLog && context.SessionId is not null),
            Answers = AnswersOf(request),
            Trace = context.Trace,
        };
    }

    /// <summary>The parameters as the client sent them, without what only concerns one request.</summary>
    internal static JsonObject Parameters<T>(RequestContext<T> request) where T : RequestParams
    {
        var parameters = request.JsonRpcRequest.Params?.DeepClone() as JsonObject ?? [];
        foreach (var name in Answers.Append("_meta"))
        {
            parameters.Remove(name);
        }

        return parameters;
    }

    private static WaitingClient ClientOf<T>(RequestContext<T> request, bool logsToSession) where T : RequestParams
    {
        var declared = JsonSerializer.SerializeToNode(request.Server.ClientCapabilities ?? new ClientCapabilities(), McpJsonUtilities.DefaultOptions)!.AsObject();
        var can = new JsonObject(declared.Where(c => Askable.Contains(c.Key)).Select(c => KeyValuePair.Create(c.Key, c.Value?.DeepClone())));
        var level = (string?)request.Params?.Meta?[MetaKeys.LogLevel] ?? (logsToSession ? NameOf(request.Server.LoggingLevel ?? LoggingLevel.Info) : null);
        return new WaitingClient(can, level, request.Params?.ProgressToken, request.Server.SendMessageAsync);
    }

    private static JsonObject? AnswersOf<T>(RequestContext<T> request) where T : RequestParams
    {
        var answers = new JsonObject();
        if (request.Params?.InputResponses is { } responses)
        {
            answers[Answers[0]] = JsonSerializer.SerializeToNode(responses, McpJsonUtilities.DefaultOptions);
        }

        if (request.Params?.RequestState is { } state)
        {
            answers[Answers[1]] = state;
        }

        return answers.Count > 0 ? answers : null;
    }

    private static string? NameOf(LoggingLevel level) => (string?)JsonSerializer.SerializeToNode(level, McpJsonUtilities.DefaultOptions);

    private static string? KeyOf(RequestParams? parameters) =>
        parameters?.Meta?[KeyName] is JsonValue value && value.TryGetValue<string>(out var key) && key.Length is > 0 and <= 200 ? key : null;
}
