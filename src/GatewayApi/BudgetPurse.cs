namespace Castellan.GatewayApi;

/// <summary>How a purse of a budget stands. A purse from which nothing was paid yet does not exist, and is full.</summary>
public sealed record BudgetPurse
{
    /// <summary><c>namespace/name</c> of an AgentBudget, or the name of a ClusterAgentBudget.</summary>
    public required string Budget { get; init; }

    /// <summary>AgentBudget or ClusterAgentBudget.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose it is, for example <c>agent default/triage</c>.</summary>
    public required string Of { get; init; }

    /// <summary>When it is full again; null for one that lasts as long as its session.</summary>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>What calls that have ended used.</summary>
    public required BudgetUse Used { get; init; }

    /// <summary>What is held back for calls that have not ended.</summary>
    public required BudgetUse Reserved { get; init; }

    /// <summary>What it holds when it is full; absent members are not limited.</summary>
    public required BudgetUse Limits { get; init; }
}

/// <summary>Amounts that a budget counts.</summary>
/// <param name="Calls">Model calls and tool calls.</param>
/// <param name="Tokens">Tokens that models read and write.</param>
/// <param name="Cost">Money, as a decimal number.</param>
public sealed record BudgetUse(long? Calls, long? Tokens, string? Cost);
