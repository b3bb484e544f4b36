using System.Reflection;
using Castellan.AgentApi;
using Castellan.Cli.Resources;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;

namespace Castellan.Cli.Local;

/// <summary>Puts what Castellan needs into the embedded cluster: its kinds, its namespace, what its hosts and its people may do.</summary>
internal static class Bootstrap
{
    private static readonly string[] Order = ["crds/", "rbac/"];

    /// <summary>Applies everything; objects that are as they should be stay untouched.</summary>
    public static async Task ApplyAsync(KubeConnection admin, CancellationToken ct)
    {
        var discovery = new KubeDiscovery(admin);
        foreach (var item in Order.SelectMany(Embedded))
        {
            var found = await discovery.FindAsync(item.ApiVersion, item.Kind, ct) ?? throw new InvalidOperationException($"{item.Source}: the embedded cluster does not know {item.ApiVersion} {item.Kind}");
            await admin.ApplyAsync(found.Resource, item.Object, ApiGroup.FieldManager, force: true, ct: ct);
        }
        await WaitForKindsAsync(admin, ct);
    }

    // A kind is served once its definition is Established; what starts next lists it at once.
    private static async Task WaitForKindsAsync(KubeConnection admin, CancellationToken ct)
    {
        foreach (var item in Embedded("crds/"))
        {
            var resource = new KubeResource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);
            await foreach (var change in admin.WatchAsync(resource, null, new WatchOptions { FieldSelector = $"metadata.name={item.Name}" }, ct))
            {
                if ((change.Object?["status"]?["conditions"] as System.Text.Json.Nodes.JsonArray)?.Any(c => (string?)c?["type"] == "Established" && (string?)c["status"] == "True") == true)
                {
                    break;
                }
            }
        }
    }

    private static IEnumerable<ManifestObject> Embedded(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            foreach (var item in ManifestReader.Parse(reader.ReadToEnd(), name))
            {
                yield return item;
            }
        }
    }
}
