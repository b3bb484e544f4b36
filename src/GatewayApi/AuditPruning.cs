namespace Castellan.GatewayApi;

/// <summary>Asks for the texts of old audit records to be removed.</summary>
/// <param name="Before">Only records that are older.</param>
/// <param name="Reason">Why; it stands in the log.</param>
/// <param name="DryRun">True only tells what would be removed.</param>
public sealed record PruneAuditRequest(DateTimeOffset Before, string? Reason = null, bool DryRun = false);

/// <summary>What was pruned, or would be.</summary>
/// <param name="Through">The last record whose text is gone; 0 for none.</param>
/// <param name="Records">How many lost their texts this time.</param>
public sealed record AuditPruning(long Through, long Records);
