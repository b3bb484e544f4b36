using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>All budgets, found by the namespace in which they hold and by the agent or person they name. Immutable, for many threads.</summary>
public sealed class BudgetSet
{
    private const string Everywhere = "";
    private const string Anybody = "*";
    private readonly Dictionary<(Subject Kind, string Namespace, string Name), List<Budget>> index = [];

    private BudgetSet(IReadOnlyList<Budget> budgets)
    {
        All = budgets;
        foreach (var budget in budgets)
        {
            foreach (var space in budget.Namespaces.DefaultIfEmpty(Everywhere).Distinct())
            {
                Add(budget, space);
            }
        }
    }

    private enum Subject
    {
        All,
        Agent,
        User,
        Group,
    }

    /// <summary>The set without budgets: it limits nothing.</summary>
    public static BudgetSet Empty { get; } = new([]);

    /// <summary>The budgets, by key.</summary>
    public IReadOnlyList<Budget> All { get; }

    /// <summary>Reads budgets.</summary>
    public static BudgetSet Of(IEnumerable<AgentBudget> budgets, IEnumerable<ClusterAgentBudget> clusterBudgets) =>
        new([.. budgets.Select(Budget.Of).Concat(clusterBudgets.Select(Budget.Of)).OrderBy(b => b.Key, StringComparer.Ordinal)]);

    /// <summary>The budgets that a call counts for, by key: faulty ones, and those that have a purse for it.</summary>
    public IReadOnlyList<Budget> Covering(BudgetedCall call)
    {
        if (index.Count == 0)
        {
            return [];
        }

        List<Budget>? found = null;
        foreach (var space in (ReadOnlySpan<string>)[call.Namespace, Everywhere])
        {
            Collect(Subject.All, space, Anybody, call, ref found);
            Collect(Subject.User, space, call.User, call, ref found);
            Collect(Subject.User, space, Anybody, call, ref found);
            if (call.Agent is { } agent)
            {
                Collect(Subject.Agent, space, agent, call, ref found);
                Collect(Subject.Agent, space, Anybody, call, ref found);
            }

            foreach (var group in call.Groups)
            {
                Collect(Subject.Group, space, group, call, ref found);
            }
        }

        found?.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return found ?? (IReadOnlyList<Budget>)[];
    }

    private void Add(Budget budget, string space)
    {
        if (budget.Subjects is not { } subjects || subjects is { Agents: not { Count: > 0 }, Users: not { Count: > 0 }, Groups: not { Count: > 0 } })
        {
            Add(Subject.All, space, [Anybody], budget);
            return;
        }

        Add(Subject.Agent, space, subjects.Agents, budget);
        Add(Subject.User, space, subjects.Users, budget);
        Add(Subject.Group, space, subjects.Groups, budget);
    }

    private void Add(Subject kind, string space, IEnumerable<string>? names, Budget budget)
    {
        foreach (var name in names?.Distinct() ?? [])
        {
            if (!index.TryGetValue((kind, space, name), out var list))
            {
                index.Add((kind, space, name), list = []);
            }

            list.Add(budget);
        }
    }

    private void Collect(Subject kind, string space, string name, BudgetedCall call, ref List<Budget>? found)
    {
        if (!index.TryGetValue((kind, space, name), out var list))
        {
            return;
        }

        found ??= [];
        foreach (var budget in list)
        {
            if (!found.Contains(budget, ReferenceEqualityComparer.Instance) && (budget.Fault is not null || budget.ScopeOf(call) is not null))
            {
                found.Add(budget);
            }
        }
    }
}
