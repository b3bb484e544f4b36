namespace Castellan.Policy;

/// <summary>What an approver said.</summary>
public enum ApprovalVerdict
{
    /// <summary>The call shall be made.</summary>
    Approve,

    /// <summary>The call shall not be made.</summary>
    Refuse,
}
