using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests.Crash;

/// <summary>What the audit log says of one write call, to be compared with what really happened.</summary>
internal sealed record WriteCall(string Tool, int Intents, IReadOnlyList<string> Outcomes)
{
    public static IReadOnlyList<WriteCall> AllOf(JsonArray log) =>
    [
        .. log.Where(e => (string?)e!["effect"] is "Write" or "Destructive").GroupBy(e => (string)e!["callId"]!).OrderBy(call => call.Min(e => (long)e!["sequence"]!))
            .Select(call => new WriteCall(
                (string)call.First()!["target"]!,
                call.Count(e => (string)e!["stage"]! == "intent"),
                [.. call.Where(e => (string)e!["stage"]! == "completed").Select(e => (string)e!["state"]!)])),
    ];

    /// <param name="times">How often the effect happened.</param>
    /// <param name="tally">Outcomes over all rounds.</param>
    public void MustHaveHappened(long times, SortedDictionary<string, int> tally)
    {
        Assert.True(times <= 1, $"{this} happened {times} times");
        Assert.True(Intents <= 1, $"{this} was begun more than once");
        Assert.True(Intents == 0 || Outcomes.Count == 1, $"{this} was begun and has not exactly one outcome");
        Assert.True(times == 0 || Intents == 1, $"{this} happened without an intent on record");
        var outcome = Outcomes is [var one] ? one : "not begun";
        Assert.True(outcome != "Completed" || times == 1, $"{this} is recorded as completed and did not happen");
        Assert.True(outcome is "Completed" or "OutcomeUnknown" || times == 0, $"{this} happened and is recorded as {outcome}");
        tally[outcome] = tally.GetValueOrDefault(outcome) + 1;
    }

    public override string ToString() => $"{Tool} (intents {Intents}, outcomes: {string.Join(", ", Outcomes)})";
}

/// <summary>Finds a call among those of a run.</summary>
internal static class WriteCalls
{
    /// <summary>The n-th call of a tool; one that never came to be recorded has no intents.</summary>
    public static WriteCall Of(this IReadOnlyList<WriteCall> calls, string tool, int index) =>
        calls.Where(c => c.Tool == tool).ElementAtOrDefault(index) ?? new WriteCall(tool, 0, []);
}
