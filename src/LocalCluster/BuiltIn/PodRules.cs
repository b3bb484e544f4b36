using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>Pods: pending until placed, their spec all but fixed, deleted gracefully once they run.</summary>
internal sealed class PodRules : KindRules
{
    public override void Default(JsonObject obj)
    {
        var spec = obj.Member("spec");
        PodSpecs.Default(spec);
        spec.Default("enableServiceLinks", true);
    }

    public override void PrepareForCreate(JsonObject obj) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = Quality(obj) };

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        foreach (var fault in PodSpecs.Validate(obj.Member("spec"), "spec")) yield return fault;
        if (old is null) yield break;
        if (!JsonObjects.Same(Fixed(obj), Fixed(old)))
        {
            yield return FieldFault.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    public override long GracePeriodSeconds(JsonObject obj, long? asked)
    {
        if (obj.Object("spec").Text("nodeName") is not { Length: > 0 }) return 0;
        if (obj.Object("status").Text("phase") is "Succeeded" or "Failed") return 0;
        return Math.Max(asked ?? obj.Object("spec").Integer("terminationGracePeriodSeconds") ?? 30, 0);
    }

    /// <summary>The part of the spec that an update must leave as it is; placing the pod is the binding's business.</summary>
    private static JsonObject Fixed(JsonObject pod)
    {
        var spec = pod.Object("spec")!.Copy();
        foreach (var name in (ReadOnlySpan<string>)["nodeName", "activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers"]) spec.Remove(name);
        foreach (var container in spec.Array("containers").Objects().Concat(spec.Array("initContainers").Objects())) container.Remove("image");
        return spec;
    }

    private static string Quality(JsonObject pod)
    {
        var resources = pod.Object("spec").Array("containers").Objects().Select(c => c.Object("resources")).ToList();
        if (resources.All(r => r.Object("limits") is null or { Count: 0 } && r.Object("requests") is null or { Count: 0 })) return "BestEffort";
        var guaranteed = resources.All(r => r.Object("limits") is { } limits && limits["cpu"] is not null && limits["memory"] is not null
            && (r.Object("requests") is null or { Count: 0 } || JsonObjects.Same(r.Object("requests"), limits)));
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}
