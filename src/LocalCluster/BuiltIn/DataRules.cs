using System.Text;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>ConfigMaps and Secrets: keys that can be file names, and no change once immutable.</summary>
internal class DataRules : KindRules
{
    private const int MaxBytes = 1024 * 1024;

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        var total = 0;
        foreach (var member in (ReadOnlySpan<string>)["data", "binaryData"]) total += (obj.Object(member) ?? []).Sum(d => d.Value?.ToString().Length ?? 0);
        var faults = new List<FieldFault>();
        if (total > MaxBytes) faults.Add(new FieldFault("FieldValueTooLong", "data", $"Too long: may not be more than {MaxBytes} bytes"));
        foreach (var (key, _) in obj.Object("data") ?? [])
        {
            if (key.Length is 0 or > 253 || key is "." or ".." || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            {
                faults.Add(FieldFault.Invalid($"data[{key}]", $"\"{key}\"", "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
                    + "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
            }
        }
        if (old.Flag("immutable") == true)
        {
            if (obj.Flag("immutable") != true) faults.Add(FieldFault.Forbidden("immutable", "field is immutable when `immutable` is set"));
            if (!JsonObjects.Same(obj["data"], old!["data"])) faults.Add(FieldFault.Forbidden("data", "field is immutable when `immutable` is set"));
        }
        return faults;
    }
}

/// <summary>Secrets.</summary>
internal sealed class SecretRules : DataRules
{
    public override void Default(JsonObject obj)
    {
        obj.Default("type", "Opaque");
        if (obj.Object("stringData") is not { } texts) return;
        foreach (var (key, value) in texts) obj.Member("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
        obj.Remove("stringData");
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        foreach (var fault in base.Validate(obj, old)) yield return fault;
        if (old is not null && obj.Text("type") != old.Text("type")) yield return FieldFault.Invalid("type", $"\"{obj.Text("type")}\"", "field is immutable");
    }
}

/// <summary>RoleBindings and ClusterRoleBindings: the role they give never changes.</summary>
internal sealed class BindingRules : KindRules
{
    public override void Default(JsonObject obj)
    {
        obj.Object("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in obj.Array("subjects").Objects())
        {
            if (subject.Text("kind") is "User" or "Group") subject.Default("apiGroup", "rbac.authorization.k8s.io");
            else if (subject.Text("kind") == "ServiceAccount" && obj.Namespace() is { Length: > 0 } ns) subject.Default("namespace", ns);
        }
    }

    public override IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old)
    {
        var role = obj.Object("roleRef");
        if (role.Text("kind") is not ("Role" or "ClusterRole"))
        {
            yield return FieldFault.NotSupported("roleRef.kind", $"\"{role.Text("kind")}\"", ["\"ClusterRole\"", "\"Role\""]);
        }
        if (string.IsNullOrEmpty(role.Text("name"))) yield return FieldFault.Required("roleRef.name");
        if (old is not null && !JsonObjects.Same(role, old["roleRef"])) yield return FieldFault.Invalid("roleRef", (role ?? []).ToJsonString(JsonObjects.Compact), "cannot change roleRef");
        foreach (var (i, subject) in obj.Array("subjects").Objects().Index())
        {
            if (string.IsNullOrEmpty(subject.Text("name"))) yield return FieldFault.Required($"subjects[{i}].name");
            if (subject.Text("kind") is not ("User" or "Group" or "ServiceAccount"))
            {
                yield return FieldFault.NotSupported($"subjects[{i}].kind", $"\"{subject.Text("kind")}\"", ["\"Group\"", "\"ServiceAccount\"", "\"User\""]);
            }
            else if (subject.Text("kind") == "ServiceAccount" && string.IsNullOrEmpty(subject.Text("namespace"))) yield return FieldFault.Required($"subjects[{i}].namespace");
        }
    }
}
