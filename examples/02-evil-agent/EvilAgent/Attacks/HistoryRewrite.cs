using System.Net.Http.Headers;

namespace Castellan.EvilAgent;

/// <summary>Attack 12, from inside the pod: takes its own deeds out of the audit log.</summary>
internal static class HistoryRewrite
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var record = $"/v1/audit/{orders["record"]}";
        using var here = new HttpRequestMessage(HttpMethod.Delete, record);
        using var there = new HttpRequestMessage(HttpMethod.Get, record);
        there.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Foothold.TokenAsync(ct).ConfigureAwait(false));
        using var edge = Foothold.Edge(orders["edge"]);
        return new([
            await Foothold.SendAsync("delete a record on the agents' listener", pod.Http, here, ct).ConfigureAwait(false),
            await Foothold.SendAsync("reach the log on the people's listener, with a JWT-SVID", edge, there, ct).ConfigureAwait(false),
        ]);
    }
}
