using System.CommandLine;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;

namespace Castellan.Cli.Access;

/// <summary>A connection to the cluster: the local one as one of its users, or the one a kubeconfig names.</summary>
internal sealed class ClusterAccess : IDisposable
{
    private ClusterAccess(KubeConfig config)
    {
        Connection = new KubeConnection(config);
        Discovery = new KubeDiscovery(Connection);
    }

    public KubeConnection Connection { get; }

    public KubeDiscovery Discovery { get; }

    /// <exception cref="CommandFailure">No local system runs, or the credential does not exist.</exception>
    public static ClusterAccess Open(ParseResult parsed)
    {
        var paths = parsed.Paths();
        GatewayAccess.RequireReady(paths);
        return new ClusterAccess(KubeConfig.Load(paths.Kubeconfig, parsed.GetValue(GlobalOptions.As)));
    }

    /// <summary>The resource of a name as typed.</summary>
    /// <exception cref="CommandFailure">The cluster has no such resource.</exception>
    public async Task<DiscoveredResource> ResolveAsync(string name, CancellationToken ct) =>
        await Discovery.FindAsync(name, ct) ?? throw new CommandFailure($"the cluster has no resource '{name}'", "use a plural, singular, short name or kind, for example agents, toolserver, po; 'kubectl api-resources' lists all");

    public void Dispose() => Connection.Dispose();
}
