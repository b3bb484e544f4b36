namespace Castellan.Policy;

/// <summary>Where the statements on a call stand.</summary>
/// <param name="RefusedBy">Who said no; one no of somebody who may decide ends the call.</param>
/// <param name="Open">What is still to be said.</param>
/// <param name="IsMet">Whether the call may pass.</param>
public sealed record ApprovalTally(string? RefusedBy, IReadOnlyList<OpenDemand> Open, bool IsMet);

/// <summary>A demand that is not met.</summary>
/// <param name="Demand">The demand.</param>
/// <param name="Missing">How many people have yet to say yes.</param>
public sealed record OpenDemand(ApprovalDemand Demand, int Missing);
