namespace Castellan.Policy;

/// <summary>Finds the policies that cover a call without looking at the others.</summary>
internal sealed class PolicyIndex
{
    private const string AllAgents = "*";
    private readonly Dictionary<(string Kind, string Namespace, string Name), List<CompiledPolicy>> bySubject = [];

    public PolicyIndex(IEnumerable<CompiledPolicy> policies)
    {
        foreach (var policy in policies)
        {
            var subjects = policy.Spec.Subjects;
            Add("agent", subjects.Agents, policy);
            Add("user", subjects.Users, policy);
            Add("group", subjects.Groups, policy);
        }
    }

    /// <summary>The policies of the call's namespace that cover its principal, each once, in the order of their names.</summary>
    public IReadOnlyList<CompiledPolicy> Covering(CallContext call)
    {
        var found = new List<CompiledPolicy>();
        if (call.Agent is { } agent)
        {
            if (agent.Namespace != call.Namespace) return found;
            Collect("agent", call.Namespace, agent.Name, found);
            Collect("agent", call.Namespace, AllAgents, found);
        }
        else
        {
            if (call.Principal.User is { } user) Collect("user", call.Namespace, user, found);
            foreach (var group in call.Principal.Groups) Collect("group", call.Namespace, group, found);
        }
        if (found.Count > 1) found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    private void Add(string kind, IList<string>? names, CompiledPolicy policy)
    {
        foreach (var name in names?.Distinct() ?? [])
        {
            var key = (kind, policy.Namespace, name);
            if (!bySubject.TryGetValue(key, out var list)) bySubject.Add(key, list = []);
            list.Add(policy);
        }
    }

    private void Collect(string kind, string space, string name, List<CompiledPolicy> found)
    {
        if (!bySubject.TryGetValue((kind, space, name), out var list)) return;
        foreach (var policy in list)
        {
            if (!found.Contains(policy, ReferenceEqualityComparer.Instance)) found.Add(policy);
        }
    }
}
