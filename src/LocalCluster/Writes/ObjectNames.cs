using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Writes;

/// <summary>Checks of metadata that hold for every kind.</summary>
/// <remarks>Source: k8s.io/apimachinery/pkg/util/validation.</remarks>
internal static partial class ObjectNames
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string LabelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string KeyRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private static readonly string[] OwnerMembers = ["apiVersion", "kind", "name", "uid"];

    public static IEnumerable<FieldFault> Check(ResourceDefinition resource, JsonObject obj, JsonObject? old)
    {
        var metadata = obj.Object("metadata");
        if (old is null)
        {
            foreach (var fault in CheckName(resource, metadata.Text("name") ?? "")) yield return fault;
        }
        foreach (var (key, value) in metadata.Object("labels") ?? [])
        {
            if (!IsQualifiedName(key)) yield return FieldFault.Invalid("metadata.labels", $"\"{key}\"", KeyRule);
            if (!value.IsText()) yield return FieldFault.Invalid("metadata.labels", value?.ToJsonString() ?? "null", "must be a string");
            else if (!IsLabelValue(value.GetValue<string>())) yield return FieldFault.Invalid("metadata.labels", $"\"{value}\"", LabelValueRule);
        }
        foreach (var (key, value) in metadata.Object("annotations") ?? [])
        {
            if (!IsQualifiedName(key.ToLowerInvariant())) yield return FieldFault.Invalid("metadata.annotations", $"\"{key}\"", KeyRule);
            if (!value.IsText()) yield return FieldFault.Invalid("metadata.annotations", value?.ToJsonString() ?? "null", "must be a string");
        }
        foreach (var (i, owner) in metadata.Array("ownerReferences").Objects().Index())
        {
            foreach (var name in OwnerMembers.Where(n => string.IsNullOrEmpty(owner.Text(n))))
            {
                yield return FieldFault.Invalid($"metadata.ownerReferences[{i}].{name}", "\"\"", $"{name} must not be empty");
            }
        }
    }

    public static bool IsSubdomain(string name) => name.Length is > 0 and <= 253 && Subdomain().IsMatch(name);

    public static bool IsDnsLabel(string name) => name.Length is > 0 and <= 63 && DnsLabel().IsMatch(name);

    public static bool IsLabelValue(string value) => value.Length == 0 || (value.Length <= 63 && QualifiedPart().IsMatch(value));

    public static bool IsQualifiedName(string key)
    {
        var slash = key.IndexOf('/');
        var name = key[(slash + 1)..];
        return (slash < 0 || IsSubdomain(key[..slash])) && name.Length is > 0 and <= 63 && QualifiedPart().IsMatch(name);
    }

    private static IEnumerable<FieldFault> CheckName(ResourceDefinition resource, string name)
    {
        switch (resource)
        {
            case { Group: "rbac.authorization.k8s.io" }:
                if (name is "." or ".." || name.Contains('/') || name.Contains('%'))
                {
                    yield return FieldFault.Invalid("metadata.name", $"\"{name}\"", "may not be '.' or '..' or contain '/' or '%'");
                }
                break;
            case { Group: "", Plural: "namespaces" or "services" }:
                if (!IsDnsLabel(name)) yield return FieldFault.Invalid("metadata.name", $"\"{name}\"", LabelRule);
                break;
            default:
                if (!IsSubdomain(name)) yield return FieldFault.Invalid("metadata.name", $"\"{name}\"", SubdomainRule);
                break;
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")]
    private static partial Regex QualifiedPart();
}
