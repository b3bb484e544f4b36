using System.Net.Http.Headers;

namespace Castellan.EvilAgent;

/// <summary>Attack 6: what was valid once, again.</summary>
internal static class Replay
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var approvedOnce = Foothold.Tool(1, "bank__set_env", SelfApproval.Change(orders["limit"]));
        var replayed = await pod.CallAsync("send the approved call of an ended run once more", orders["run"], approvedOnce, ct).ConfigureAwait(false);
        using var edge = Foothold.Edge(orders["edge"]);
        using var runs = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        runs.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Foothold.TokenAsync(ct).ConfigureAwait(false));
        return new([replayed, await Foothold.SendAsync("use a token that names the agent where people's tokens are taken", edge, runs, ct).ConfigureAwait(false)]);
    }
}
