using System.Text.Json;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Resources;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.Cli.Policies;

/// <summary>Policies out of manifests, without a cluster.</summary>
internal static class PolicyFiles
{
    private const string DefaultNamespace = "default";

    /// <summary>Compiles the AgentPolicies and ClusterAgentPolicies of files or folders; other kinds are passed over.</summary>
    /// <exception cref="CommandFailure">A file is faulty, a rule does not compile, or there is no policy; says where.</exception>
    public static async Task<PolicySet> CompileAsync(IEnumerable<string> paths, CancellationToken ct)
    {
        var manifests = await ManifestReader.ReadAsync(paths, Console.In, ct);
        var policies = Of<AgentPolicy>(manifests);
        var clusterPolicies = Of<ClusterAgentPolicy>(manifests);
        if (policies.Count + clusterPolicies.Count == 0)
        {
            throw new CommandFailure($"no AgentPolicy or ClusterAgentPolicy in {string.Join(", ", paths)}", "give a manifest that holds one");
        }
        foreach (var policy in policies)
        {
            policy.Metadata.Namespace ??= DefaultNamespace;
        }
        var set = PolicySet.Compile(policies, clusterPolicies);
        return set.Faults.Count == 0 ? set : throw new CommandFailure(string.Join(Environment.NewLine, set.Faults), "correct the policy; in a cluster its faulty rules would deny");
    }

    private static List<T> Of<T>(IEnumerable<ManifestObject> manifests) where T : KubeObject =>
        [.. manifests.Where(m => m.Kind == typeof(T).Name && m.ApiVersion.StartsWith($"{ApiGroup.Name}/", StringComparison.Ordinal)).Select(Read<T>)];

    private static T Read<T>(ManifestObject manifest) where T : KubeObject
    {
        try
        {
            return manifest.Object.Deserialize<T>(KubeJson.Options)!;
        }
        catch (JsonException error)
        {
            throw new CommandFailure($"{manifest.Source}: {manifest.Kind} {manifest.Name} cannot be read: {error.Message}", $"'kubectl explain {manifest.Kind.ToLowerInvariant()}.spec' lists the fields", inner: error);
        }
    }
}
