using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>The status of a definition that is served.</summary>
internal static class CustomResourceStatus
{
    public static JsonObject Report(JsonObject definition, string now)
    {
        var (spec, status) = (definition.Object("spec"), definition.Member("status"));
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        Set(conditions, "NamesAccepted", "NoConflicts", "no conflicts found", now);
        Set(conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted", now);
        status["acceptedNames"] = spec!["names"]!.DeepClone();
        var storage = spec.Array("versions").Objects().First(v => v.Flag("storage") == true).Text("name")!;
        var stored = status.Array("storedVersions").Texts().Append(storage).Distinct();
        status["storedVersions"] = stored.ToJsonArray();
        return definition;
    }

    private static void Set(JsonArray conditions, string type, string reason, string message, string now)
    {
        if (conditions.Objects().Any(c => c.Text("type") == type && c.Text("status") == "True")) return;
        conditions.Add(new JsonObject
        {
            ["lastTransitionTime"] = now, ["message"] = message, ["reason"] = reason, ["status"] = "True", ["type"] = type,
        });
    }
}
