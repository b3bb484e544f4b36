using System.Text.Json.Nodes;
using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.Storage;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Mcp;

/// <summary>A tool call that a user makes.</summary>
/// <param name="User">Who calls.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Key">The user's idempotency key, if they gave one.</param>
/// <param name="SourceIp">Address the request came from.</param>
/// <param name="Progress">Tells the client of progress; null if it did not ask for any.</param>
internal sealed record UserToolCall(Principal User, CatalogTool Tool, JsonObject Arguments, string? Key, string? SourceIp, Func<ProgressNotificationValue, Task>? Progress);

/// <summary>
/// Tool calls of users. One that needs an approval is waited for if the client listens to progress; otherwise the answer says how to
/// approve, and the same call repeated joins the one that waits until its result was handed over.
/// </summary>
internal sealed class UserToolCalls(CallIntake intake, CallDesk desk, CallLedger ledger, Store store, GatewayOptions options)
{
    private static readonly TimeSpan BetweenSigns = TimeSpan.FromSeconds(5);

    internal async Task<CallToolResult> CallAsync(UserToolCall call, CancellationToken ct)
    {
        var spec = intake.OfUser(call.User, call.Tool, call.Arguments, call.Key, call.SourceIp);
        var retryKey = $"{call.User.Key}\n{call.Tool.Server}\n{call.Tool.Name}\n{spec.ArgumentsDigest}";
        var needsApproval = spec.Decision.Effect == DecisionEffect.RequireApproval;
        var earlier = call.Key is null && needsApproval ? await store.ReadAsync(view => ApprovalTable.FindRetry(view, retryKey), ct) : null;
        if (earlier is not null && await ledger.FindAsync(earlier, ct) is { } row)
        {
            return await AnswerAsync(call, row.Spec, await desk.ResultAsync(row, ct), ct);
        }

        return await AnswerAsync(call, spec, await desk.PlaceAsync(spec, needsApproval ? retryKey : null, ct), ct);
    }

    private async Task<CallToolResult> AnswerAsync(UserToolCall call, CallSpec spec, CallResult result, CancellationToken ct)
    {
        if (result.State == CallState.AwaitingApproval && call.Progress is { } progress && options.ApprovalWaitSeconds > 0)
        {
            result = await WaitAsync(spec, result, progress, ct);
        }

        if (!result.Ended)
        {
            return Error($"Not done yet: {result.Message}. Repeat the same call afterwards to get its result.");
        }

        if (spec.Decision.Effect == DecisionEffect.RequireApproval)
        {
            await store.WriteAsync(unit => ApprovalTable.Report(unit, spec.CallId, ledger.Now), ct);
        }

        return result is { State: CallState.Completed, Content: { } content } ? ToolReading.Result(content) : Error(result.Message ?? $"the call is {result.State}");
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
