using System.Text;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>Works out a container's variables, arguments and fields of the pod.</summary>
/// <remarks>Source: Kubernetes, "Define Environment Variables for a Container" and expansion.go.</remarks>
internal sealed class ContainerEnvironment(KubeConnection kube, Pod pod, string? podIp, string hostIp)
{
    /// <summary>The variables, in the order of their definition, on top of <paramref name="given"/>.</summary>
    /// <exception cref="ContainerConfigException">A reference leads nowhere; the message is the kubelet's.</exception>
    public async Task<Dictionary<string, string>> BuildAsync(Container container, IReadOnlyDictionary<string, string> given, CancellationToken ct)
    {
        var variables = new Dictionary<string, string>(given);
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (key, value) in await ReadAllAsync(source, ct)) variables[source.Prefix + key] = value;
        }
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is { } from ? await ReadAsync(from, container, ct) : Expand(variable.Value ?? "", variables);
            if (value is not null) variables[variable.Name] = value;
        }
        return variables;
    }

    /// <summary>Replaces <c>$(NAME)</c>; <c>$$</c> stands for <c>$</c>, an unknown name stays as it is.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$')) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is > 0 and var end)
            {
                var name = text[(i + 2)..end];
                result.Append(variables.TryGetValue(name, out var value) ? value : text[i..(end + 1)]);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }
        return result.ToString();
    }

    /// <summary>A field of the pod, as the downward API gives it.</summary>
    public string Field(string path) => path switch
    {
        "metadata.name" => pod.Metadata.Name ?? "",
        "metadata.namespace" => pod.Metadata.Namespace ?? "",
        "metadata.uid" => pod.Metadata.Uid ?? "",
        "metadata.labels" => Pairs(pod.Metadata.Labels),
        "metadata.annotations" => Pairs(pod.Metadata.Annotations),
        "spec.nodeName" => pod.Spec.NodeName ?? "",
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
        "status.hostIP" or "status.hostIPs" => hostIp,
        "status.podIP" or "status.podIPs" => podIp ?? "",
        _ when Subscript(path, "metadata.labels") is { } key => pod.Metadata.Labels?.TryGetValue(key, out var label) is true ? label : "",
        _ when Subscript(path, "metadata.annotations") is { } key => pod.Metadata.Annotations?.TryGetValue(key, out var note) is true ? note : "",
        _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
    };

    private async Task<string?> ReadAsync(EnvVarSource from, Container container, CancellationToken ct)
    {
        if (from.FieldRef is { } field) return Field(field.FieldPath);
        if (from.ConfigMapKeyRef is { } config)
        {
            var map = await kube.FindAsync<ConfigMap>(Named(config.Name), ct);
            if (map is null) return config.Optional is true ? null : throw new ContainerConfigException($"configmap \"{config.Name}\" not found");
            if (map.Data?.TryGetValue(config.Key, out var value) is true) return value;
            return config.Optional is true ? null : throw new ContainerConfigException($"couldn't find key {config.Key} in ConfigMap {Named(config.Name)}");
        }
        if (from.SecretKeyRef is { } hidden)
        {
            var secret = await kube.FindAsync<Secret>(Named(hidden.Name), ct);
            if (secret is null) return hidden.Optional is true ? null : throw new ContainerConfigException($"secret \"{hidden.Name}\" not found");
            if (secret.Data?.TryGetValue(hidden.Key, out var value) is true) return Encoding.UTF8.GetString(value);
            return hidden.Optional is true ? null : throw new ContainerConfigException($"couldn't find key {hidden.Key} in Secret {Named(hidden.Name)}");
        }
        if (from.ResourceFieldRef is { } amount)
        {
            var of = amount.ContainerName is { } other ? pod.Spec.Containers.FirstOrDefault(c => c.Name == other) ?? container : container;
            var parts = amount.Resource.Split('.', 2);
            var amounts = parts[0] == "limits" ? of.Resources?.Limits : of.Resources?.Requests;
            return amounts is not null && parts.Length == 2 && amounts.TryGetValue(parts[1], out var quantity) ? quantity.ToString() : "0";
        }
        throw new ContainerConfigException("a variable's valueFrom names no source");
    }

    private async Task<IEnumerable<KeyValuePair<string, string>>> ReadAllAsync(EnvFromSource source, CancellationToken ct)
    {
        if (source.ConfigMapRef is { } config)
        {
            var map = await kube.FindAsync<ConfigMap>(Named(config.Name), ct);
            return map is not null || config.Optional is true ? map?.Data ?? new Dictionary<string, string>()
                : throw new ContainerConfigException($"configmap \"{config.Name}\" not found");
        }
        if (source.SecretRef is { } hidden)
        {
            var secret = await kube.FindAsync<Secret>(Named(hidden.Name), ct);
            if (secret is null && hidden.Optional is not true) throw new ContainerConfigException($"secret \"{hidden.Name}\" not found");
            return (secret?.Data ?? new Dictionary<string, byte[]>()).Select(d => KeyValuePair.Create(d.Key, Encoding.UTF8.GetString(d.Value)));
        }
        return [];
    }

    private NamespacedName Named(string name) => new(pod.Metadata.Namespace!, name);

    private static string Pairs(IDictionary<string, string>? pairs) =>
        string.Join('\n', (pairs ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}=\"{p.Value}\""));

    private static string? Subscript(string path, string of) =>
        path.StartsWith(of + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(of.Length + 2)..^2] : null;
}

/// <summary>A container's definition refers to something that is not there; it is tried again.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);
