using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.BuiltIn;

/// <summary>Defaults and checks of a pod's spec, alone or in a template.</summary>
/// <remarks>Source: the real server's pkg/apis/core/v1/defaults.go and pkg/apis/core/validation.</remarks>
internal static class PodSpecs
{
    private static readonly string[] ContainerLists = ["initContainers", "containers"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    public static void Default(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("schedulerName", "default-scheduler");
        spec.Default("securityContext", new JsonObject());
        if (spec.Text("serviceAccountName") is { Length: > 0 } account) spec["serviceAccount"] = account;
        else if (spec.Text("serviceAccount") is { Length: > 0 } old) spec["serviceAccountName"] = old;
        foreach (var container in ContainerLists.SelectMany(l => spec.Array(l).Objects())) DefaultContainer(container);
        foreach (var volume in spec.Array("volumes").Objects()) DefaultVolume(volume);
    }

    public static IEnumerable<FieldFault> Validate(JsonObject spec, string path)
    {
        if (spec.Array("containers") is not { Count: > 0 }) yield return FieldFault.Required($"{path}.containers");
        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = spec.Array("volumes").Objects().Select(v => v.Text("name") ?? "").ToHashSet();
        foreach (var list in ContainerLists)
        {
            foreach (var (i, container) in spec.Array(list).Objects().Index())
            {
                foreach (var fault in ValidateContainer(container, $"{path}.{list}[{i}]", volumes)) yield return fault;
                if (container.Text("name") is { Length: > 0 } name && !names.Add(name)) yield return FieldFault.Duplicate($"{path}.{list}[{i}].name", $"\"{name}\"");
            }
        }
        foreach (var (i, volume) in spec.Array("volumes").Objects().Index())
        {
            if (string.IsNullOrEmpty(volume.Text("name"))) yield return FieldFault.Required($"{path}.volumes[{i}].name");
        }
        if (spec.Integer("terminationGracePeriodSeconds") < 0)
        {
            yield return FieldFault.Invalid($"{path}.terminationGracePeriodSeconds", $"{spec.Integer("terminationGracePeriodSeconds")}", "must be greater than or equal to 0");
        }
    }

    private static IEnumerable<FieldFault> ValidateContainer(JsonObject container, string path, HashSet<string> volumes)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0) yield return FieldFault.Required($"{path}.name");
        else if (!ObjectNames.IsDnsLabel(name)) yield return FieldFault.Invalid($"{path}.name", $"\"{name}\"", ObjectNames.LabelRule);
        if (string.IsNullOrEmpty(container.Text("image"))) yield return FieldFault.Required($"{path}.image");
        foreach (var (i, port) in container.Array("ports").Objects().Index())
        {
            if (port.Integer("containerPort") is not { } number) yield return FieldFault.Required($"{path}.ports[{i}].containerPort");
            else if (number is < 1 or > 65535) yield return FieldFault.Invalid($"{path}.ports[{i}].containerPort", $"{number}", "must be between 1 and 65535, inclusive");
        }
        foreach (var (i, variable) in container.Array("env").Objects().Index())
        {
            if (string.IsNullOrEmpty(variable.Text("name"))) yield return FieldFault.Required($"{path}.env[{i}].name");
            if (variable.Text("value") is { Length: > 0 } && variable.Object("valueFrom") is not null)
            {
                yield return FieldFault.Invalid($"{path}.env[{i}].valueFrom", "\"\"", "may not be specified when `value` is not empty");
            }
        }
        foreach (var (i, mount) in container.Array("volumeMounts").Objects().Index())
        {
            var volume = mount.Text("name") ?? "";
            if (volume.Length == 0) yield return FieldFault.Required($"{path}.volumeMounts[{i}].name");
            else if (!volumes.Contains(volume)) yield return FieldFault.NotFound($"{path}.volumeMounts[{i}].name", $"\"{volume}\"");
            if (string.IsNullOrEmpty(mount.Text("mountPath"))) yield return FieldFault.Required($"{path}.volumeMounts[{i}].mountPath");
        }
    }

    private static void DefaultContainer(JsonObject container)
    {
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("resources", new JsonObject());
        if (container.Text("image") is { Length: > 0 } image) container.Default("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
        foreach (var port in container.Array("ports").Objects()) port.Default("protocol", "TCP");
        foreach (var field in container.Array("env").Objects().Select(e => e.Object("valueFrom").Object("fieldRef"))) field?.Default("apiVersion", "v1");
        foreach (var probe in Probes.Select(p => container.Object(p)).OfType<JsonObject>()) DefaultProbe(probe);
    }

    private static void DefaultProbe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        if (probe.Object("httpGet") is not { } http) return;
        http.Default("path", "/");
        http.Default("scheme", "HTTP");
    }

    private static void DefaultVolume(JsonObject volume)
    {
        if (volume.Count <= 1) volume["emptyDir"] = new JsonObject();
        foreach (var kind in (ReadOnlySpan<string>)["configMap", "secret", "projected", "downwardAPI"])
        {
            volume.Object(kind)?.Default("defaultMode", 420);
        }
        foreach (var source in volume.Object("projected").Array("sources").Objects()) source.Object("serviceAccountToken")?.Default("expirationSeconds", 3600);
    }

    private static bool IsLatest(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@') && (!name.Contains(':') || name.EndsWith(":latest", StringComparison.Ordinal));
    }
}
