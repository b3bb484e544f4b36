using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Patching;

/// <summary>A JSON merge patch.</summary>
/// <remarks>Source: RFC 7386, section 2.</remarks>
internal sealed class MergePatch(JsonObject patch) : ObjectPatch
{
    public override JsonObject Apply(JsonObject current)
    {
        Merge(current, patch);
        return current;
    }

    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject inner) Merge(Member(target, name), inner);
            else target[name] = value.DeepClone();
        }
    }

    private static JsonObject Member(JsonObject target, string name)
    {
        if (target[name] is JsonObject member) return member;
        var made = new JsonObject();
        target[name] = made;
        return made;
    }
}
