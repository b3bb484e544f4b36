namespace Castellan.Policy;

/// <summary>Who has to agree to a call.</summary>
public enum ApprovalKind
{
    /// <summary>Another principal than those who asked for the call.</summary>
    Approval,

    /// <summary>The person whom the call is for.</summary>
    Confirmation,
}
