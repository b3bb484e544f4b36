namespace Castellan.Policy;

/// <summary>What one rule wants people to say before a call may pass.</summary>
public sealed record ApprovalDemand
{
    /// <summary>Whether others or the person whom the call is for have to say it.</summary>
    public required ApprovalKind Kind { get; init; }

    /// <summary>The policy, as <c>namespace/name</c>; absent when the agent's own spec asks.</summary>
    public string? Policy { get; init; }

    /// <summary>The rule that asks; absent when the agent's own spec asks.</summary>
    public string? Rule { get; init; }

    /// <summary>Users who may approve.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Groups whose members may approve.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>CEL condition over the approver and the call.</summary>
    public string? When { get; init; }

    /// <summary>How many different people have to say yes.</summary>
    public int Quorum { get; init; } = 1;

    internal static ApprovalDemand Of(CompiledRule rule) => rule.Rule.Effect == AgentApi.V1Alpha1.PolicyEffect.RequireConfirmation
        ? new ApprovalDemand { Kind = ApprovalKind.Confirmation, Policy = rule.Policy, Rule = rule.Rule.Name }
        : new ApprovalDemand
        {
            Kind = ApprovalKind.Approval,
            Policy = rule.Policy,
            Rule = rule.Rule.Name,
            Users = [.. rule.Rule.Approvers!.Users ?? []],
            Groups = [.. rule.Rule.Approvers.Groups ?? []],
            When = rule.Rule.Approvers.When,
            Quorum = rule.Rule.Approvers.Quorum ?? 1,
        };
}
