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

    /// <summary>Compiles the AgentPolicies of files or folders; other kinds are passed over.</summary>
    /// <exception cref="CommandFailure">A file is faulty, a rule does not compile, or there is no policy; says where.</exception>
    public static async Task<PolicySet> CompileAsync(IEnumerable<string> paths, CancellationToken ct)
    {
        var manifests = await ManifestReader.ReadAsync(paths, Console.In, ct);
        var policies = manifests.Where(m => m.Kind == nameof(AgentPolicy) && m.ApiVersion.StartsWith($"{ApiGroup.Name}/", StringComparison.Ordinal)).Select(Read).ToList();
        if (policies.Count == 0)
        {
            throw new CommandFailure($"no AgentPolicy in {string.Join(", ", paths)}", "give a manifest that holds one");
        }
        var set = PolicySet.Compile(policies);
        return set.Faults.Count == 0 ? set : throw new CommandFailure(string.Join(Environment.NewLine, set.Faults), "correct the policy; in a cluster its faulty rules would deny");
    }

    private static AgentPolicy Read(ManifestObject manifest)
    {
        try
        {
            var policy = manifest.Object.Deserialize<AgentPolicy>(KubeJson.Options)!;
            policy.Metadata.Namespace ??= DefaultNamespace;
            return policy;
        }
        catch (JsonException error)
        {
            throw new CommandFailure($"{manifest.Source}: AgentPolicy {manifest.Name} cannot be read: {error.Message}", "'kubectl explain agentpolicy.spec' lists the fields", inner: error);
        }
    }
}
