using System.Text.Json.Nodes;

namespace Castellan.EvilAgent;

/// <summary>No attack: one call as any agent makes it. Shows that what is refused elsewhere is refused for its own reason; also does what text that it read told it.</summary>
internal static class OrdinaryCall
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var arguments = JsonNode.Parse(orders["arguments"])!.AsObject();
        return new([await pod.CallAsync($"call {orders["tool"]} {orders["arguments"]}", pod.Run.RunId, Foothold.Tool(1, orders["tool"], arguments), ct).ConfigureAwait(false)]);
    }
}
