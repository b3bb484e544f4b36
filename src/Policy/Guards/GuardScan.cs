using System.Text;
using System.Text.Json.Nodes;
using Castellan.Cel;

namespace Castellan.Policy.Guards;

/// <summary>Looks into JSON: into every text, into the names of members, and, for secrets, at what a member is called.</summary>
public static class GuardScan
{
    private const int DeepestLevel = 200;

    /// <summary>Scans JSON.</summary>
    /// <param name="root">The value; null holds nothing.</param>
    /// <param name="kinds">What to look for.</param>
    /// <returns>In the order of the document.</returns>
    public static IReadOnlyList<GuardFinding> Of(JsonNode? root, GuardKinds kinds)
    {
        var found = new List<GuardFinding>();
        Visit(root, new Place(null, null, -1), kinds, found);
        return found;
    }

    /// <summary>The distinct names of what is found in a value of an expression.</summary>
    internal static SortedSet<string> NamesIn(in CelValue value, GuardKinds kinds)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        Visit(value, null, kinds, names, 0);
        return names;
    }

    /// <summary>What a text is, besides what stands in it, when it is the value of a member of this name.</summary>
    internal static string? OfMember(string? member, string text, GuardKinds kinds) =>
        member is not null && kinds.HasFlag(GuardKinds.Secrets) ? AssignmentScan.OfMember(member, text) : null;

    private static void Visit(JsonNode? node, Place place, GuardKinds kinds, List<GuardFinding> found)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    var below = new Place(place, name, -1);
                    found.AddRange(TextScan.Of(name, kinds).Select(f => new GuardFinding(f.Kind, f.Name, below.ToString(), f.Start, f.Length)));
                    Visit(value, below, kinds, found);
                }
                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++) Visit(items[i], new Place(place, null, i), kinds, found);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                var findings = TextScan.Of(text, kinds);
                if (findings.Count > 0) found.AddRange(findings.Select(f => new GuardFinding(f.Kind, f.Name, place.ToString(), f.Start, f.Length)));
                else if (OfMember(place.Member, text, kinds) is { } name) found.Add(new GuardFinding(GuardKinds.Secrets, name, place.ToString(), 0, text.Length));
                break;
        }
    }

    private static void Visit(in CelValue value, string? member, GuardKinds kinds, SortedSet<string> names, int depth)
    {
        if (depth > DeepestLevel)
        {
            names.Add("unread");
            return;
        }
        switch (value.Kind)
        {
            case CelKind.String:
                foreach (var finding in TextScan.Of(value.AsString, kinds)) names.Add(finding.Name);
                if (OfMember(member, value.AsString, kinds) is { } name) names.Add(name);
                break;
            case CelKind.List:
                foreach (var item in value.AsList) Visit(item, null, kinds, names, depth + 1);
                break;
            case CelKind.Map:
                foreach (var (key, inner) in value.AsMap)
                {
                    var text = key.Kind == CelKind.String ? key.AsString : null;
                    if (text is not null) Visit(key, null, kinds, names, depth + 1);
                    Visit(inner, text, kinds, names, depth + 1);
                }
                break;
            case CelKind.Optional when value.OptionalValue is { } inner:
                Visit(inner, member, kinds, names, depth + 1);
                break;
        }
    }

    // A path is written out only where something is found.
    private sealed record Place(Place? Above, string? Member, int Index)
    {
        public override string ToString()
        {
            var steps = new Stack<Place>();
            for (var place = this; place.Above is not null; place = place.Above) steps.Push(place);
            var path = new StringBuilder("$");
            foreach (var step in steps)
            {
                if (step.Member is null) path.Append('[').Append(step.Index).Append(']');
                else path.Append("['").Append(step.Member.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)).Append("']");
            }
            return path.ToString();
        }
    }
}
