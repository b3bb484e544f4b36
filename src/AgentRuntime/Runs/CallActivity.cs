using Castellan.GatewayApi;
using Castellan.Workflows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

/// <summary>Asks the gateway to make a call of the run, and waits while the gateway is away.</summary>
/// <remarks>
/// Safe to run twice: run and sequence number identify the call, so the gateway answers a repeated request with the call it already knows.
/// Ends with <see cref="CallState.AwaitingApproval"/> when a human is needed; the orchestration then waits for the event.
/// </remarks>
internal sealed class CallActivity(GatewayClient gateway, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<CallActivity> log)
    : WorkflowActivity<CallInput, CallResult>
{
    public const string Model = "CallModel";
    public const string Tool = "CallTool";

    // A connection that died without a word is noticed after this long; asking again finds the same call.
    private static readonly TimeSpan s_attemptLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(15);

    /// <exception cref="GatewayException">The gateway refuses the request, or is away past the deadline.</exception>
    public override async Task<CallResult> RunAsync(WorkflowActivityContext context, CallInput input)
    {
        var ct = lifetime.ApplicationStopping;
        var wait = s_firstWait;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await AskAsync(input, ct).ConfigureAwait(false);
                if (result.State != CallState.Running) return result;
            }
            catch (Exception e) when (IsTransient(e, ct) && clock.GetUtcNow() + wait < input.Deadline)
            {
                log.GatewayAway(input.RunId, input.Request.Sequence, attempt, e.Message);
            }
            await Task.Delay(wait, clock, ct).ConfigureAwait(false);
            wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait;
        }
    }

    private async Task<CallResult> AskAsync(CallInput input, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(s_attemptLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        return await gateway.CallAsync(input.RunId, input.Request, either.Token).ConfigureAwait(false);
    }

    private static bool IsTransient(Exception e, CancellationToken stopping) => e switch
    {
        GatewayException gateway => gateway.IsTransient,
        HttpRequestException or IOException => true,
        OperationCanceledException => !stopping.IsCancellationRequested, // the attempt's limit, not the end of this process
        _ => false,
    };
}
