using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>What Deployments and ReplicaSets share: replicas, a selector that never changes, a template that it selects.</summary>
internal abstract class WorkloadRules : KindRules
{
    public override void Default(JsonObject obj)
    {
        var spec = obj.Member("spec");
        spec.Default("replicas", 1);
        PodSpecs.Default(spec.Member("template").Member("spec"));
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        var spec = obj.Member("spec");
        if (spec.Integer("replicas") is < 0 and var replicas) yield return FieldFault.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0");
        var labels = spec.Object("template").Object("metadata").Object("labels");
        if (spec.Object("selector") is not { Count: > 0 } selector)
        {
            yield return FieldFault.Required("spec.selector");
        }
        else if (!Selects(selector, labels))
        {
            yield return FieldFault.Invalid("spec.template.metadata.labels", (labels ?? []).ToJsonString(JsonObjects.Compact), "`selector` does not match template `labels`");
        }
        if (old is not null && !JsonObjects.Same(spec["selector"], old.Object("spec")?["selector"]))
        {
            yield return FieldFault.Invalid("spec.selector", (spec["selector"] ?? new JsonObject()).ToJsonString(JsonObjects.Compact), "field is immutable");
        }
        var template = spec.Object("template").Object("spec")!;
        foreach (var fault in PodSpecs.Validate(template, "spec.template.spec")) yield return fault;
        if (template.Text("restartPolicy") is not "Always" and var policy)
        {
            yield return FieldFault.NotSupported("spec.template.spec.restartPolicy", $"\"{policy}\"", ["\"Always\""]);
        }
    }

    private static bool Selects(JsonObject selector, JsonObject? labels)
    {
        foreach (var (name, value) in selector.Object("matchLabels") ?? [])
        {
            if (labels.Text(name) != value?.ToString()) return false;
        }
        return selector.Array("matchExpressions").Objects().All(e => (e.Text("operator"), labels.Text(e.Text("key") ?? "")) switch
        {
            ("In", { } value) => e.Array("values").Texts().Contains(value),
            ("In", null) => false,
            ("NotIn", { } value) => !e.Array("values").Texts().Contains(value),
            ("Exists", var value) => value is not null,
            ("DoesNotExist", var value) => value is null,
            _ => true,
        });
    }
}

/// <summary>ReplicaSets.</summary>
internal sealed class ReplicaSetRules : WorkloadRules;

/// <summary>Deployments.</summary>
internal sealed class DeploymentRules : WorkloadRules
{
    public override void Default(JsonObject obj)
    {
        base.Default(obj);
        var spec = obj.Member("spec");
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Member("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate") return;
        var rolling = strategy.Member("rollingUpdate");
        rolling.Default("maxUnavailable", "25%");
        rolling.Default("maxSurge", "25%");
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        foreach (var fault in base.Validate(obj, old)) yield return fault;
        var strategy = obj.Object("spec").Object("strategy");
        if (strategy.Text("type") == "Recreate" && strategy.Object("rollingUpdate") is not null)
        {
            yield return FieldFault.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }
    }
}
