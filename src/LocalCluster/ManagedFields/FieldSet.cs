using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>A set of field paths, as managedFields writes it: a tree of path elements such as <c>f:spec</c>, <c>k:{"name":"a"}</c>, <c>v:"x"</c>.</summary>
/// <remarks>Source: sigs.k8s.io/structured-merge-diff fieldpath; FieldsV1 in the Kubernetes API reference.</remarks>
internal sealed class FieldSet
{
    private const string Self = ".";

    /// <summary>The path that leads here is itself in the set.</summary>
    public bool IsMember { get; private set; }

    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => !IsMember && Children.Values.All(c => c.IsEmpty);

    public static FieldSet Leaf() => new() { IsMember = true };

    /// <summary>Reads fieldsV1.</summary>
    public static FieldSet Read(JsonObject? fields)
    {
        var set = new FieldSet();
        foreach (var (name, value) in fields ?? [])
        {
            if (name == Self) set.IsMember = true;
            else set.Children[name] = value is JsonObject { Count: > 0 } inner ? Read(inner) : Leaf();
        }
        return set;
    }

    /// <summary>Writes fieldsV1.</summary>
    public JsonObject Write()
    {
        var fields = new JsonObject();
        if (IsMember && Children.Count > 0) fields[Self] = new JsonObject();
        foreach (var (name, child) in Children)
        {
            if (!child.IsEmpty) fields[name] = child.Write();
        }
        return fields;
    }

    public FieldSet Child(string element)
    {
        if (!Children.TryGetValue(element, out var child)) Children[element] = child = new FieldSet();
        return child;
    }

    public void AddSelf() => IsMember = true;

    public void UnionWith(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (name, child) in other.Children) Child(name).UnionWith(child);
    }

    /// <summary>Removes the paths that are in the other set, each for itself.</summary>
    public void ExceptWith(FieldSet other)
    {
        if (other.IsMember) IsMember = false;
        foreach (var (name, child) in other.Children)
        {
            if (Children.TryGetValue(name, out var mine))
            {
                mine.ExceptWith(child);
                if (mine.IsEmpty) Children.Remove(name);
            }
        }
    }

    /// <summary>Removes the paths that are in the other set with everything below them.</summary>
    public void ExceptWithBelow(FieldSet other)
    {
        foreach (var (name, child) in other.Children)
        {
            if (!Children.TryGetValue(name, out var mine)) continue;
            if (child.IsMember) Children.Remove(name);
            else mine.ExceptWithBelow(child);
            if (mine.IsEmpty) Children.Remove(name);
        }
    }

    /// <summary>The paths, as messages show them, that are in both sets.</summary>
    public IEnumerable<string> SharedPaths(FieldSet other, string prefix = "")
    {
        if (IsMember && other.IsMember) yield return prefix;
        foreach (var (name, child) in Children)
        {
            if (!other.Children.TryGetValue(name, out var theirs)) continue;
            foreach (var path in child.SharedPaths(theirs, prefix + FieldPath.Show(name))) yield return path;
        }
    }

    public bool Same(FieldSet other)
    {
        if (IsMember != other.IsMember) return false;
        var (mine, theirs) = (Children.Where(c => !c.Value.IsEmpty).ToList(), other.Children.Where(c => !c.Value.IsEmpty).ToList());
        return mine.Count == theirs.Count && mine.Zip(theirs).All(p => p.First.Key == p.Second.Key && p.First.Value.Same(p.Second.Value));
    }
}
