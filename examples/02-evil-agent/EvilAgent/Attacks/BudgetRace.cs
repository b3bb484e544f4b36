using System.Text.Json.Nodes;

namespace Castellan.EvilAgent;

/// <summary>Attack 11: many calls at once, so that each finds the budget not yet used up.</summary>
internal static class BudgetRace
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var (most, calls) = (int.Parse(orders["budget"]), int.Parse(orders["calls"]));
        var arguments = new JsonObject { ["kind"] = "Pod", ["namespace"] = "bank" };
        var all = await Task.WhenAll(Enumerable.Range(1, calls).Select(i => pod.CallAsync($"call {i}", pod.Run.RunId, Foothold.Tool(i, "bank__list", arguments.DeepClone().AsObject()), ct))).ConfigureAwait(false);
        var passed = all.Count(a => a.GotThrough);
        var refused = all.FirstOrDefault(a => !a.GotThrough)?.Answer;
        return new([new($"{calls} calls at once with a budget for {most}", passed > most, $"{passed} passed{(refused is null ? "" : $"; the others: {refused}")}")]);
    }
}
