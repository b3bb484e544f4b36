namespace Castellan.GatewayApi;

/// <summary>Proves that a record is in the audit log (RFC 6962 inclusion proof).</summary>
/// <param name="Sequence">The record.</param>
/// <param name="Entry">Its text: the entry of the tree.</param>
/// <param name="Index">Its place in the tree, from 0.</param>
/// <param name="Hashes">What leads from it to the root, lowest first; base64.</param>
/// <param name="Checkpoint">The signed root (C2SP tlog-checkpoint).</param>
public sealed record AuditProof(long Sequence, string Entry, long Index, IReadOnlyList<string> Hashes, string Checkpoint);

/// <summary>Proves that the audit log still begins with what it was (RFC 6962 consistency proof).</summary>
/// <param name="OldSize">Records of the earlier log.</param>
/// <param name="Hashes">The proof; base64.</param>
/// <param name="Checkpoint">The signed root of the log now.</param>
public sealed record AuditGrowth(long OldSize, IReadOnlyList<string> Hashes, string Checkpoint);
