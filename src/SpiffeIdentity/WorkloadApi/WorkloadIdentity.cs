namespace Castellan.SpiffeIdentity;

/// <summary>One identity that a workload is entitled to.</summary>
/// <param name="Id">The SPIFFE ID.</param>
/// <param name="Hint">Operator-set label; at most 1024 bytes, unique among the identities of a workload.</param>
public sealed record WorkloadIdentity(SpiffeId Id, string Hint = "");
