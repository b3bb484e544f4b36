using System.IO.Enumeration;

namespace Castellan.Policy;

/// <summary>Finds the policies that cover a call without looking at the others.</summary>
internal sealed class PolicyIndex
{
    private const string Anything = "*";
    private const string Everywhere = "";
    private readonly Dictionary<(Subject Kind, string Namespace, string Name), List<CompiledPolicy>> bySubject = [];
    private readonly Dictionary<string, List<(string Pattern, CompiledPolicy Policy)>> byPattern = [];

    public PolicyIndex(IEnumerable<CompiledPolicy> policies)
    {
        foreach (var policy in policies)
        {
            foreach (var space in policy.Declared.Namespaces.DefaultIfEmpty(Everywhere).Distinct())
            {
                var subjects = policy.Declared.Subjects;
                Add(Subject.Agent, space, subjects.Agents, policy);
                Add(Subject.User, space, subjects.Users, policy);
                Add(Subject.Group, space, subjects.Groups, policy);
                Add(Subject.SpiffeId, space, subjects.SpiffeIds?.Where(id => !id.Contains(Anything, StringComparison.Ordinal)), policy);
                AddPatterns(space, subjects.SpiffeIds?.Where(id => id.Contains(Anything, StringComparison.Ordinal)) ?? [], policy);
            }
        }
    }

    private enum Subject
    {
        Agent,
        SpiffeId,
        User,
        Group,
    }

    /// <summary>The policies that hold in the call's namespace and cover its principal, each once, in the order of their keys.</summary>
    public IReadOnlyList<CompiledPolicy> Covering(CallContext call)
    {
        var found = new List<CompiledPolicy>();
        if (call.Agent is { } agent)
        {
            if (agent.Namespace != call.Namespace) return found;
            Collect(Subject.Agent, call.Namespace, agent.Name, found);
            Collect(Subject.Agent, call.Namespace, Anything, found);
            if (call.Principal.SpiffeId is { } id)
            {
                Collect(Subject.SpiffeId, call.Namespace, id, found);
                CollectPatterns(call.Namespace, id, found);
                CollectPatterns(Everywhere, id, found);
            }
        }
        else
        {
            if (call.Principal.User is { } user) Collect(Subject.User, call.Namespace, user, found);
            foreach (var group in call.Principal.Groups) Collect(Subject.Group, call.Namespace, group, found);
        }
        if (found.Count > 1) found.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return found;
    }

    private void Add(Subject kind, string space, IEnumerable<string>? names, CompiledPolicy policy)
    {
        foreach (var name in names?.Distinct() ?? [])
        {
            var key = (kind, space, name);
            if (!bySubject.TryGetValue(key, out var list)) bySubject.Add(key, list = []);
            list.Add(policy);
        }
    }

    private void AddPatterns(string space, IEnumerable<string> patterns, CompiledPolicy policy)
    {
        foreach (var pattern in patterns.Distinct())
        {
            if (!byPattern.TryGetValue(space, out var list)) byPattern.Add(space, list = []);
            list.Add((pattern, policy));
        }
    }

    private void Collect(Subject kind, string space, string name, List<CompiledPolicy> found)
    {
        CollectOf(kind, space, name, found);
        CollectOf(kind, Everywhere, name, found);
    }

    private void CollectOf(Subject kind, string space, string name, List<CompiledPolicy> found)
    {
        if (!bySubject.TryGetValue((kind, space, name), out var list)) return;
        foreach (var policy in list) AddOnce(found, policy);
    }

    private void CollectPatterns(string space, string id, List<CompiledPolicy> found)
    {
        if (!byPattern.TryGetValue(space, out var list)) return;
        foreach (var (pattern, policy) in list)
        {
            // The only wildcard is the star: a SPIFFE ID holds neither a question mark nor a backslash.
            if (FileSystemName.MatchesSimpleExpression(pattern, id, ignoreCase: false)) AddOnce(found, policy);
        }
    }

    private static void AddOnce(List<CompiledPolicy> found, CompiledPolicy policy)
    {
        if (!found.Contains(policy, ReferenceEqualityComparer.Instance)) found.Add(policy);
    }
}
