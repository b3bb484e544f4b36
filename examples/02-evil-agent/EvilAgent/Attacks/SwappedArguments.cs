using Castellan.GatewayApi;

namespace Castellan.EvilAgent;

/// <summary>Attack 5: gets a harmless change approved, and sends another one in its place.</summary>
internal static class SwappedArguments
{
    private const string Tool = "bank__set_env";

    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var harmless = Foothold.Tool(1, Tool, SelfApproval.Change(orders["limit"]));
        var harmful = Foothold.Tool(1, Tool, SelfApproval.Change("1000000"));
        var run = pod.Run.RunId;
        if (pod.Ended is { } approved)
        {
            return new([
                new("ask for a harmless change, and wait for its approval", approved.State != CallState.Completed, Foothold.Told(approved)) { GotThrough = false },
                await pod.CallAsync("then send other arguments under the approved call's identity", run, harmful, ct).ConfigureAwait(false),
                await pod.CallAsync("then send the other arguments as a new call, as if the approval held for it", run, harmful with { Sequence = 2 }, ct).ConfigureAwait(false),
            ]);
        }

        var waiting = await pod.Gateway.CallAsync(run, harmless, ct).ConfigureAwait(false);
        return new([await pod.CallAsync("while it waits, send other arguments under the same identity", run, harmful, ct).ConfigureAwait(false)]) { GoesOnAfter = waiting.CallId };
    }
}
