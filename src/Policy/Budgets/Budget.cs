using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>What was declared in an AgentBudget or a ClusterAgentBudget, read once.</summary>
public sealed record Budget
{
    /// <summary>AgentBudget or ClusterAgentBudget.</summary>
    public required string Kind { get; init; }

    /// <summary><c>namespace/name</c> of an AgentBudget, the name of a ClusterAgentBudget. A name holds no slash, so the two never meet.</summary>
    public required string Key { get; init; }

    /// <summary>Where it holds; empty is everywhere.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>Which calls it is about; null is all of them.</summary>
    public BudgetSubjects? Subjects { get; init; }

    /// <summary>Whose purse a call is paid from.</summary>
    public required BudgetScope Per { get; init; }

    /// <summary>How long a purse lasts; null is as long as the session.</summary>
    public BudgetWindow? Window { get; init; }

    /// <summary>What a full purse holds.</summary>
    public required BudgetCaps Caps { get; init; }

    /// <summary>What is wrong with it, and what to do; null when nothing is. Calls that a faulty budget is about are denied.</summary>
    public string? Fault { get; init; }

    /// <summary>Reads a budget.</summary>
    public static Budget Of(AgentBudget budget) => Of("AgentBudget", $"{budget.Metadata.Namespace}/{budget.Metadata.Name}", [budget.Metadata.Namespace ?? ""], budget.Spec);

    /// <summary>Reads a budget.</summary>
    public static Budget Of(ClusterAgentBudget budget) => Of("ClusterAgentBudget", budget.Metadata.Name ?? "", [.. budget.Spec.Namespaces ?? []], budget.Spec);

    /// <summary>Whose purse a call is paid from, for people; null if this budget has none for it.</summary>
    public string? ScopeOf(BudgetedCall call) => Per switch
    {
        BudgetScope.Agent => call.Agent is null ? null : $"agent {call.Namespace}/{call.Agent}",
        BudgetScope.User => $"user {call.User}",
        BudgetScope.Session => call.SessionId is null ? null : $"session {call.SessionId}",
        _ => $"namespace {call.Namespace}",
    };

    private static Budget Of(string kind, string key, IReadOnlyList<string> namespaces, AgentBudgetSpec spec)
    {
        var window = spec.Window is { } text ? BudgetWindow.Parse(text) : null;
        var cost = spec.Limits.Cost is { } money ? Money.Parse(money) : null;
        return new Budget
        {
            Kind = kind,
            Key = key,
            Namespaces = namespaces,
            Subjects = spec.Subjects,
            Per = spec.Per,
            Window = window,
            Caps = new BudgetCaps(spec.Limits.Calls, spec.Limits.Tokens, cost),
            Fault = spec.Window is null && spec.Per != BudgetScope.Session ? $"per is {spec.Per}, but there is no window; set spec.window, for example 24h"
                : spec.Window is not null && window is null ? $"the window is '{spec.Window}'; set a number with m, h or d, at most 366d"
                : spec.Limits.Cost is not null && cost is null ? $"the cost is '{spec.Limits.Cost}'; set a decimal number with at most six decimals"
                : spec.Limits is { Calls: null, Tokens: null, Cost: null } ? "nothing is limited; set calls, tokens or cost under spec.limits"
                : null,
        };
    }
}
