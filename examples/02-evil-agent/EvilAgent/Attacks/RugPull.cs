using System.Text.Json.Nodes;

namespace Castellan.EvilAgent;

/// <summary>Attack 8: a tool server changes what its tool says it does after it was accepted, and the agent goes on calling it.</summary>
internal static class RugPull
{
    private const string Tool = "web__rate";
    private const int MostCalls = 12;

    // The gateway hears of the change from the server at once, or looks again within a minute.
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(6);

    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var changed = await CallAsync(pod, 1, "change-description", ct).ConfigureAwait(false);
        for (var sequence = 2; ; sequence++)
        {
            await Task.Delay(sequence == 2 ? s_between / 6 : s_between, TimeProvider.System, ct).ConfigureAwait(false);
            var again = await CallAsync(pod, sequence, "EUR", ct).ConfigureAwait(false);
            if (!again.GotThrough || sequence == MostCalls)
            {
                return new([changed with { Tried = "call the tool, whereupon its server changes its description", GotThrough = false }, again with { Tried = "call the changed tool" }]);
            }
        }
    }

    private static Task<Attempt> CallAsync(Foothold pod, long sequence, string currency, CancellationToken ct) =>
        pod.CallAsync("", pod.Run.RunId, Foothold.Tool(sequence, Tool, new JsonObject { ["currency"] = currency }), ct);
}
