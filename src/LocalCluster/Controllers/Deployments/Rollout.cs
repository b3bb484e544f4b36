using Castellan.KubeApi;
using Castellan.KubeApi.Apps;

namespace Castellan.LocalCluster.Controllers.Deployments;

/// <summary>A ReplicaSet's part in a rollout.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Replicas">Pods it asks for.</param>
/// <param name="Available">Pods it has available.</param>
internal sealed record RolloutSet(string Name, int Replicas, int Available);

/// <summary>Decides the next sizes of a Deployment's ReplicaSets. Pure.</summary>
/// <remarks>Source: pkg/controller/deployment/rolling.go and recreate.go.</remarks>
internal static class Rollout
{
    /// <summary>The sizes that should change now: name and new size.</summary>
    /// <param name="spec">What the Deployment asks for.</param>
    /// <param name="current">The set of the current template.</param>
    /// <param name="old">The sets before, oldest first.</param>
    /// <param name="oldPodsExist">Whether any pod of an old set still exists; Recreate waits for their end.</param>
    public static IReadOnlyList<(string Name, int Replicas)> Next(DeploymentSpec spec, RolloutSet current, IReadOnlyList<RolloutSet> old, bool oldPodsExist)
    {
        var wanted = spec.Replicas ?? 1;
        if (spec.Strategy?.Type == "Recreate")
        {
            var ends = old.Where(s => s.Replicas > 0).Select(s => (s.Name, 0)).ToList();
            if (ends.Count > 0) return ends;
            return !oldPodsExist && current.Replicas != wanted ? [(current.Name, wanted)] : [];
        }
        var (surge, unavailable) = Bounds(spec, wanted);
        var grown = Grow(wanted, current, old, surge);
        if (grown != current.Replicas) return [(current.Name, grown)];
        return Shrink(wanted, current, old, unavailable);
    }

    /// <summary>How many pods may be too many and too few.</summary>
    public static (int Surge, int Unavailable) Bounds(DeploymentSpec spec, int wanted)
    {
        var rolling = spec.Strategy?.RollingUpdate;
        var surge = (rolling?.MaxSurge ?? "25%").Of(wanted, roundUp: true);
        var unavailable = Math.Min((rolling?.MaxUnavailable ?? "25%").Of(wanted, roundUp: false), Math.Max(wanted, 1));
        // Both zero could never move.
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }

    private static int Grow(int wanted, RolloutSet current, IReadOnlyList<RolloutSet> old, int surge)
    {
        if (current.Replicas >= wanted) return wanted;
        var room = wanted + surge - current.Replicas - old.Sum(s => s.Replicas);
        return room <= 0 ? current.Replicas : Math.Min(wanted, current.Replicas + room);
    }

    private static List<(string, int)> Shrink(int wanted, RolloutSet current, IReadOnlyList<RolloutSet> old, int unavailable)
    {
        var changes = new Dictionary<string, int>();
        var oldReplicas = old.Sum(s => s.Replicas);
        if (oldReplicas == 0) return [];
        var minAvailable = wanted - unavailable;
        var newUnavailable = current.Replicas - current.Available;
        var mayEnd = current.Replicas + oldReplicas - minAvailable - newUnavailable;
        if (mayEnd <= 0) return [];
        // Pods that do not work go first: nobody misses them.
        var left = mayEnd;
        foreach (var set in old.Where(s => s.Replicas > s.Available))
        {
            var ends = Math.Min(left, set.Replicas - set.Available);
            if (ends <= 0) continue;
            changes[set.Name] = set.Replicas - ends;
            left -= ends;
        }
        var spare = current.Available + old.Sum(s => s.Available) - minAvailable;
        foreach (var set in old)
        {
            var size = changes.GetValueOrDefault(set.Name, set.Replicas);
            var ends = Math.Min(spare, size);
            if (ends <= 0) continue;
            changes[set.Name] = size - ends;
            spare -= ends;
        }
        return [.. changes.Select(c => (c.Key, c.Value))];
    }
}
