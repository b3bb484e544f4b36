using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Requests;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.Storage;
using Castellan.Telemetry.Tracing;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Mcp;

/// <summary>A tool call, or another request to a tool server, that a user makes.</summary>
/// <param name="User">Who calls.</param>
/// <param name="Tool">The tool, or the method as one.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Key">The user's idempotency key, if they gave one.</param>
/// <param name="SourceIp">Address the request came from.</param>
/// <param name="Progress">Tells the client of progress; null if it did not ask for any.</param>
internal sealed record UserToolCall(Principal User, CatalogTool Tool, JsonObject Arguments, string? Key, string? SourceIp, Func<ProgressNotificationValue, Task>? Progress)
{
    /// <summary>The client that waits for it.</summary>
    internal WaitingClient? Client { get; init; }

    /// <summary>What the client answered to the server's questions of an earlier round; null in a first round.</summary>
    internal JsonObject? Answers { get; init; }

    /// <summary>The trace of the client's request.</summary>
    internal System.Diagnostics.ActivityContext Trace { get; init; }
}

/// <summary>
/// Calls of users. One that needs an approval is waited for if the client listens to progress; otherwise the answer says how to
/// approve, and the same call repeated joins the one that waits until its result was handed over.
/// </summary>
internal sealed class UserToolCalls(CallIntake intake, CallDesk desk, CallLedger ledger, WaitingClients clients, GatewayOptions options)
{
    private static readonly TimeSpan BetweenSigns = TimeSpan.FromSeconds(5);

    /// <summary>Calls a tool.</summary>
    /// <exception cref="McpException">The tool server answered with an error, or asks the client for something first.</exception>
    internal async Task<CallToolResult> CallAsync(UserToolCall call, CancellationToken ct)
    {
        var result = await PlaceAsync(call, ct);
        return ContentOf(result) is { } content ? ToolReading.Result(content) : Error(Explain(result));
    }

    /// <summary>Makes any other request and returns its result as the server wrote it.</summary>
    /// <exception cref="McpException">It did not come to a result, or the server asks the client for something first.</exception>
    internal async Task<JsonElement> RequestAsync(UserToolCall call, CancellationToken ct)
    {
        var result = await PlaceAsync(call, ct);
        return ContentOf(result)?.Data ?? throw new McpProtocolException(Explain(result), McpErrorCode.InvalidRequest);
    }

    private static ToolContent? ContentOf(CallResult result) => result switch
    {
        { Error: { } error } => throw EdgeErrors.Of(error),
        { State: CallState.Completed, Content.InputRequired: { } asked } => throw EdgeErrors.Asking(asked),
        { State: CallState.Completed, Content: { } content } => content,
        _ => null,
    };

    private static string Explain(CallResult result) => result.Ended
        ? result.Message ?? $"the call is {result.State}"
        : $"Not done yet: {result.Message}. Repeat the same call afterwards to get its result.";

    private async Task<CallResult> PlaceAsync(UserToolCall call, CancellationToken ct)
    {
        try
        {
            return await RunAsync(call, ct);
        }
        catch (GatewayException e)
        {
            throw new McpProtocolException(e.Message, e, McpErrorCode.InvalidRequest);
        }
    }

    private async Task<CallResult> RunAsync(UserToolCall call, CancellationToken ct)
    {
        var spec = (await intake.OfUserAsync(call.User, call.Tool, call.Arguments, KeyOf(call), call.SourceIp, ct)) with { Trace = PinnedTrace.Of(call.Trace) };
        if (call.Answers is { } answers)
        {
            spec = CallIntake.WithAnswers(spec, answers);
        }

        var retryKey = $"{call.User.Key}\n{call.Tool.Server}\n{call.Tool.Name}\n{spec.ArgumentsDigest}";
        if (spec.Decision.Demands.Count == 0)
        {
            using var reachable = call.Client is { } client ? clients.Enter(spec.CallId, client) : null;
            return await AnswerAsync(call, spec, await desk.PlaceAsync(spec, null, ct), ct);
        }

        // What an approver signs is the call with its arguments: nobody is asked for more once it is approved.
        var earlier = call.Key is null ? await ledger.FindRetryAsync(retryKey, ct) : null;
        if (earlier is not null && await ledger.FindAsync(earlier, ct) is { } row)
        {
            return await AnswerAsync(call, row.Spec, await desk.ResultAsync(row, ct), ct);
        }

        return await AnswerAsync(call, spec, await desk.PlaceAsync(spec, retryKey, ct), ct);
    }

    // Each round of a call is a call: a key names all of them, the answers tell them apart.
    private static string? KeyOf(UserToolCall call) => call is { Key: { } key, Answers: { } answers } ? $"{key}\n{CanonicalJson.Digest(answers)}" : call.Key;

    private async Task<CallResult> AnswerAsync(UserToolCall call, CallSpec spec, CallResult result, CancellationToken ct)
    {
        if (result.State == CallState.AwaitingApproval && call.Progress is { } progress && options.ApprovalWaitSeconds > 0)
        {
            result = await WaitAsync(spec, result, progress, ct);
        }

        if (result.Ended && spec.Decision.Demands.Count > 0)
        {
            await ledger.ReportAsync(spec.CallId, ct);
        }

        return result;
    }

    private async Task<CallResult> WaitAsync(CallSpec spec, CallResult waiting, Func<ProgressNotificationValue, Task> progress, CancellationToken ct)
    {
        using var give = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var ended = desk.EndAsync(spec, give.Token);
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromSeconds(options.ApprovalWaitSeconds); waited += BetweenSigns)
        {
            await progress(new ProgressNotificationValue { Progress = (float)waited.TotalSeconds, Total = options.ApprovalWaitSeconds, Message = waiting.Message });
            if (await Task.WhenAny(ended, Task.Delay(BetweenSigns, ledger.Clock, give.Token)) == ended)
            {
                return await ended;
            }
        }

        await give.CancelAsync();
        try
        {
            return await ended;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return waiting;
        }
    }

    private static CallToolResult Error(string text) => new() { Content = [new TextContentBlock { Text = text }], IsError = true };
}
