using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.McpServers.Cluster;
using Castellan.SpiffeIdentity;

namespace Castellan.McpServers.Hosting;

/// <summary>What the controller tells a pod of the Cluster server, by arguments and environment.</summary>
/// <param name="Options">What the server may touch.</param>
/// <param name="PodIp">Address of both listeners.</param>
/// <param name="GatewayId">The only peer that may call.</param>
internal sealed record ClusterArguments(ClusterOptions Options, IPAddress PodIp, SpiffeId GatewayId)
{
    /// <summary>Where the gateway hears of peers that were turned away; null tells nobody.</summary>
    public Uri? Gateway { get; init; }

    public const string Usage = "mcp-servers cluster [--read-only] [--trust-gateway] [--namespace NAME]...";

    /// <exception cref="FormatException">An argument or variable is missing or wrong; the message names all of them.</exception>
    public static ClusterArguments Read(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        List<string> faults = [], namespaces = [];
        var (readOnly, trusts) = (false, false);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--read-only") readOnly = true;
            else if (arguments[i] == "--trust-gateway") trusts = true;
            else if (arguments[i] == "--namespace" && i + 1 < arguments.Count) namespaces.Add(arguments[++i]);
            else faults.Add($"argument '{arguments[i]}' is not understood; usage: {Usage}");
        }
        if (!IPAddress.TryParse(variable(WorkloadEnvironment.PodIp), out var ip)) faults.Add($"{WorkloadEnvironment.PodIp} is '{variable(WorkloadEnvironment.PodIp)}'; set it to the pod's IP address");
        if (!SpiffeId.TryParse(variable(WorkloadEnvironment.GatewayId), out var id)) faults.Add($"{WorkloadEnvironment.GatewayId} is '{variable(WorkloadEnvironment.GatewayId)}'; set it to the gateway's SPIFFE ID");
        return faults.Count == 0 ? new(new(namespaces, readOnly, trusts), ip!, id!) { Gateway = Uri.TryCreate(variable(WorkloadEnvironment.Gateway), UriKind.Absolute, out var gateway) ? gateway : null } : throw new FormatException(string.Join("; ", faults));
    }
}
