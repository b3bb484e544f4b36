using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster;

/// <summary>One call of a Cluster tool: its arguments and the power delegated to it.</summary>
/// <param name="Arguments">Checked arguments.</param>
/// <param name="Kube">The API server, acting as the one the call is made for.</param>
/// <param name="Discovery">What the API server offers.</param>
/// <param name="Options">What the server may touch.</param>
internal sealed record ClusterCall(ToolArguments Arguments, KubeConnection Kube, KubeDiscovery Discovery, ClusterOptions Options)
{
    /// <summary>Owner of the fields that writes set.</summary>
    public const string FieldManager = "castellan-cluster";

    public DateTimeOffset Now => Kube.Time.GetUtcNow();

    /// <summary>The resource that argument <c>kind</c> means.</summary>
    /// <exception cref="ToolProblem">There is none of that name.</exception>
    public async Task<DiscoveredResource> ResourceAsync(CancellationToken ct)
    {
        var name = Arguments.Text("kind");
        if (await Discovery.FindAsync(name, ct).ConfigureAwait(false) is { } found) return found;
        var all = await Discovery.ListAsync(ct).ConfigureAwait(false);
        var near = Near.To(name, all.SelectMany(r => r.ShortNames.Append(r.Resource.Kind).Append(r.Resource.Plural)));
        throw new ToolProblem($"the cluster has no kind '{name}'", near.Count > 0 ? $"did you mean {string.Join(", ", near)}?" : "use a kind such as Pod, a plural such as pods or a short name such as po");
    }

    /// <summary>The object that the arguments <c>kind</c>, <c>name</c> and <c>namespace</c> mean.</summary>
    public async Task<(DiscoveredResource Resource, NamespacedName Key, JsonObject Object)> ObjectAsync(CancellationToken ct)
    {
        var resource = await ResourceAsync(ct).ConfigureAwait(false);
        var key = new NamespacedName(Options.NamespaceFor(resource.Resource, Arguments.OptionalText("namespace")), Arguments.Text("name"));
        return (resource, key, await ReadAsync(resource.Resource, key, ct).ConfigureAwait(false));
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="ToolProblem">It is not there; the message names objects whose names are near.</exception>
    public async Task<JsonObject> ReadAsync(KubeResource resource, NamespacedName key, CancellationToken ct) =>
        await Kube.FindAsync(resource, key, ct).ConfigureAwait(false) is { } found
            ? found
            : throw new ToolProblem($"there is no {resource.Kind} '{key}'", await SuggestAsync(resource, key, ct).ConfigureAwait(false));

    private async Task<string> SuggestAsync(KubeResource resource, NamespacedName key, CancellationToken ct)
    {
        try
        {
            var all = await Kube.ListAsync(resource, key.Namespace, new ListOptions { Limit = 500 }, ct).ConfigureAwait(false);
            var names = all.Items.Select(i => Fields.Text(i, "metadata", "name") ?? "").ToList();
            var near = Near.To(key.Name, names);
            if (near.Count == 0) near = [.. names.Take(10)];
            return near.Count > 0 ? $"there are {string.Join(", ", near)}" : $"there is no {resource.Kind} in that namespace at all; try another one";
        }
        catch (KubeException)
        {
            return "check the name; list shows what there is"; // the caller may not list; that is no reason to hide the first problem
        }
    }
}
