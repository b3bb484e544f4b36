using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>Namespaces: held by the finalizer <c>kubernetes</c> in their spec until they are empty.</summary>
internal sealed class NamespaceRules : KindRules
{
    public override void Default(JsonObject obj) => obj.Metadata().Member("labels")["kubernetes.io/metadata.name"] = obj.Name();

    public override void PrepareForCreate(JsonObject obj)
    {
        obj["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        obj["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        if (old["spec"] is { } spec) obj["spec"] = spec.DeepClone();
    }
}
