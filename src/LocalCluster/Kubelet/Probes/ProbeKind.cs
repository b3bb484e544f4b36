namespace Castellan.LocalCluster.Kubelet.Probes;

/// <summary>Which of a container's probes.</summary>
internal enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}

/// <summary>Outcome of one check.</summary>
/// <param name="Ok">Whether it succeeded.</param>
/// <param name="Output">Why not, as the kubelet says it.</param>
internal readonly record struct ProbeResult(bool Ok, string Output);
