namespace Castellan.Policy;

/// <summary>Whether a statement may decide on a call.</summary>
/// <param name="IsAccepted">Whether it may.</param>
/// <param name="Reason">Why not; empty when it may.</param>
public sealed record ApprovalCheck(bool IsAccepted, string Reason)
{
    /// <summary>The statement counts.</summary>
    public static ApprovalCheck Accepted { get; } = new(true, "");

    internal static ApprovalCheck Refused(string reason) => new(false, reason);
}
