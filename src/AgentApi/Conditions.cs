using Castellan.KubeApi;

namespace Castellan.AgentApi;

/// <summary>The one place where a condition is built and read.</summary>
public static class Conditions
{
    /// <summary>The next condition of a type: its time moves only when its status does.</summary>
    /// <param name="last">The conditions of the object as they are now.</param>
    /// <param name="type">The fact, for example <see cref="ApiGroup.ReadyCondition"/>.</param>
    /// <param name="now">What was found.</param>
    /// <param name="generation">Generation of the spec that it was found for.</param>
    /// <param name="utcNow">The time now (UTC); written in whole seconds, as Kubernetes does.</param>
    public static Condition Next(IEnumerable<Condition>? last, string type, Verdict now, long? generation, DateTimeOffset utcNow)
    {
        var status = now.Status.ToString();
        return new Condition
        {
            Type = type,
            Status = status,
            Reason = now.Reason,
            Message = now.Message,
            ObservedGeneration = generation,
            LastTransitionTime = Find(last, type) is { } before && before.Status == status
                ? before.LastTransitionTime
                : WholeSeconds(utcNow),
        };
    }

    /// <summary>The condition of a type, if the object has it.</summary>
    public static Condition? Find(IEnumerable<Condition>? conditions, string type) => conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>True if the object has the condition with status True.</summary>
    public static bool IsTrue(IEnumerable<Condition>? conditions, string type) =>
        Find(conditions, type)?.Status == nameof(ConditionStatus.True);

    private static DateTime WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()).UtcDateTime;
}
