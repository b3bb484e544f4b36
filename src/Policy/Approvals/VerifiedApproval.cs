namespace Castellan.Policy;

/// <summary>A statement whose signature and certificate were checked.</summary>
/// <param name="Statement">What was said.</param>
/// <param name="User">Who signed: the common name of the certificate.</param>
/// <param name="Groups">Groups of the signer: the organizations of the certificate.</param>
public sealed record VerifiedApproval(ApprovalStatement Statement, string User, IReadOnlyList<string> Groups);
