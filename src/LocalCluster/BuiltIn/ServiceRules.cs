using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>Services; their address comes from <see cref="Admission.ServiceAddresses"/>.</summary>
internal sealed class ServiceRules : KindRules
{
    public override void Default(JsonObject obj)
    {
        var spec = obj.Member("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("type") != "ExternalName")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
            spec.Default("ipFamilies", new JsonArray("IPv4"));
            spec.Default("ipFamilyPolicy", "SingleStack");
        }
        foreach (var port in spec.Array("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number) port["targetPort"] = number.DeepClone();
        }
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        var (spec, before) = (obj.Member("spec"), old.Object("spec"));
        if (spec.Text("type") == "ExternalName") return;
        foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs"])
        {
            if (spec[name] is null && before?[name] is { } value) spec[name] = value.DeepClone();
        }
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        var spec = obj.Member("spec");
        var ports = spec.Array("ports").Objects().ToList();
        if (ports.Count == 0 && spec.Text("clusterIP") != "None" && spec.Text("type") != "ExternalName") yield return FieldFault.Required("spec.ports");
        foreach (var (i, port) in ports.Index())
        {
            if (port.Integer("port") is not (>= 1 and <= 65535))
            {
                yield return FieldFault.Invalid($"spec.ports[{i}].port", $"{port.Integer("port") ?? 0}", "must be between 1 and 65535, inclusive");
            }
            var name = port.Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1) yield return FieldFault.Required($"spec.ports[{i}].name");
            if (name.Length > 0 && !ObjectNames.IsDnsLabel(name)) yield return FieldFault.Invalid($"spec.ports[{i}].name", $"\"{name}\"", ObjectNames.LabelRule);
        }
        if (old?.Object("spec").Text("clusterIP") is { Length: > 0 } ip && spec.Text("clusterIP") != ip && spec.Text("type") != "ExternalName")
        {
            yield return FieldFault.Invalid("spec.clusterIPs[0]", $"[\"{spec.Text("clusterIP")}\"]", "may not change once set");
        }
    }
}
