using System.Text.Json.Nodes;

namespace Castellan.EvilAgent;

/// <summary>Attack 7: while it works for one person, it uses what another one may.</summary>
internal static class BorrowedAuthority
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var read = new JsonObject { ["kind"] = "ConfigMap", ["name"] = "rates", ["namespace"] = "bank" };
        return new([
            await pod.CallAsync($"read in {pod.Run.OnBehalfOf}'s run what only {orders["owner"]} may read", pod.Run.RunId, Foothold.Tool(1, "bank__get", read), ct).ConfigureAwait(false),
            await pod.CallAsync($"read it in a run that {orders["owner"]} had", orders["run"], Foothold.Tool(77, "bank__get", read.DeepClone().AsObject()), ct).ConfigureAwait(false),
        ]);
    }
}
