using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>CustomResourceDefinitions: names filled in, and refused where they contradict themselves.</summary>
internal sealed class CustomResourceRules : KindRules
{
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override void Default(JsonObject obj)
    {
        var spec = obj.Member("spec");
        var names = spec.Member("names");
        if (names.Text("kind") is { Length: > 0 } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }
        spec.Default("conversion", new JsonObject { ["strategy"] = "None" });
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        var finalizers = obj.Metadata().Array("finalizers").Texts().Append(Finalizer).Distinct();
        obj.Metadata()["finalizers"] = finalizers.ToJsonArray();
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        var spec = obj.Object("spec");
        var (group, plural) = (spec.Text("group") ?? "", spec.Object("names").Text("plural") ?? "");
        if (group.Length == 0) yield return FieldFault.Required("spec.group");
        if (plural.Length == 0) yield return FieldFault.Required("spec.names.plural");
        if (string.IsNullOrEmpty(spec.Object("names").Text("kind"))) yield return FieldFault.Required("spec.names.kind");
        if (spec.Text("scope") is not ("Namespaced" or "Cluster"))
        {
            yield return spec.Text("scope") is { } scope
                ? FieldFault.NotSupported("spec.scope", $"\"{scope}\"", ["\"Cluster\"", "\"Namespaced\""])
                : FieldFault.Required("spec.scope");
        }
        if (obj.Name() != $"{plural}.{group}") yield return FieldFault.Invalid("metadata.name", $"\"{obj.Name()}\"", "must be spec.names.plural+\".\"+spec.group");
        var versions = spec.Array("versions").Objects().ToList();
        if (versions.Count(v => v.Flag("storage") == true) != 1)
        {
            yield return FieldFault.Invalid("spec.versions", $"{versions.Count}", "must have exactly one version marked as storage version");
        }
        foreach (var (i, version) in versions.Index())
        {
            if (version.Object("schema").Object("openAPIV3Schema") is null)
            {
                yield return FieldFault.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required");
            }
        }
        foreach (var fault in StructuralRules.Check(versions)) yield return fault;
    }
}
