namespace Castellan.Policy;

/// <summary>What budgets have to know of a call.</summary>
/// <param name="Namespace">Its namespace: the agent's; for a direct call that of the tool server.</param>
/// <param name="Agent">Name of the agent that calls; null for a direct call.</param>
/// <param name="User">The person it is for.</param>
/// <param name="Groups">Groups of that person.</param>
/// <param name="SessionId">The session it belongs to; null for a direct call.</param>
public sealed record BudgetedCall(string Namespace, string? Agent, string User, IReadOnlyList<string> Groups, string? SessionId);
