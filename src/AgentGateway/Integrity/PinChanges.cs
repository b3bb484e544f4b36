using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Integrity;

/// <summary>What a judgement changes in the store. Pure.</summary>
/// <param name="Pins">Verdicts that pin a definition.</param>
/// <param name="Deviations">Verdicts on deviations that are not on record as they are now.</param>
/// <param name="Ended">Deviations on record that are no more.</param>
internal sealed record PinChanges(IReadOnlyList<ToolVerdict> Pins, IReadOnlyList<ToolVerdict> Deviations, IReadOnlyList<ToolDeviation> Ended)
{
    internal bool IsEmpty => Pins.Count + Deviations.Count + Ended.Count == 0;

    internal static PinChanges Between(StoredTools stored, IReadOnlyList<ToolVerdict> verdicts)
    {
        var deviating = verdicts.Where(verdict => verdict.State != ToolState.Pinned).ToDictionary(verdict => verdict.Tool, StringComparer.Ordinal);
        return new PinChanges(
            [.. verdicts.Where(verdict => verdict.PinBy is not null)],
            [.. deviating.Values.Where(verdict => !(stored.Deviations.GetValueOrDefault(verdict.Tool) is { } known && known.State == verdict.State && known.Digest == DigestOf(verdict) && known.Reason == verdict.Reason))],
            [.. stored.Deviations.Values.Where(deviation => !deviating.ContainsKey(deviation.Tool))]);
    }

    internal static ToolDeviation DeviationOf(NamespacedName server, ToolVerdict verdict, DateTimeOffset now) =>
        new(server, verdict.Tool, verdict.State, DigestOf(verdict), verdict.Reason, now) { Definition = verdict.Listed?.Definition };

    private static string DigestOf(ToolVerdict verdict) => verdict.Listed?.Tool.Digest ?? "";
}
