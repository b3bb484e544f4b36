using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeAgent.Workload;

/// <summary>Which server <c>spiffe-agent workload</c> gets this pod's identity from, and where it serves it.</summary>
internal sealed record WorkloadOptions : ICheckedOptions
{
    public const string Verb = "workload";
    public const string Usage = "spiffe-agent workload --server https://HOST:PORT --server-id SPIFFE-ID [--folder PATH]";

    /// <summary>The SPIFFE server.</summary>
    public string Server { get; init; } = "";

    /// <summary>Its SPIFFE ID.</summary>
    public string ServerId { get; init; } = "";

    /// <summary>Folder with the pod's token and the trust bundle.</summary>
    public string Folder { get; init; } = TrustConfig.Folder;

    /// <summary>The socket that is served: variable <c>SPIFFE_ENDPOINT_SOCKET</c>.</summary>
    public string Socket { get; init; } = "";

    /// <summary>Where the probes are answered: variable <c>POD_IP</c>.</summary>
    public string Address { get; init; } = "";

    public int ProbePort { get; init; } = WorkloadPorts.AgentProbes;

    /// <summary>What stood on the command line and was not understood.</summary>
    public string? Misunderstood { get; init; }

    public static WorkloadOptions From(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var options = new WorkloadOptions { Socket = variable(WorkloadEnvironment.SpiffeSocket) ?? "", Address = variable(WorkloadEnvironment.PodIp) ?? "" };
        for (var i = 1; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--server" when value is not null:
                    options = options with { Server = value };
                    break;
                case "--server-id" when value is not null:
                    options = options with { ServerId = value };
                    break;
                case "--folder" when value is not null:
                    options = options with { Folder = value };
                    break;
                default:
                    return options with { Misunderstood = arguments[i] };
            }
        }

        return options;
    }

    public IEnumerable<string> Faults()
    {
        if (Misunderstood is not null)
        {
            yield return $"argument '{Misunderstood}' is not understood; write {Usage}";
        }

        if (!Uri.TryCreate(Server, UriKind.Absolute, out var server) || server.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"--server is '{Server}'; write the https URL of the SPIFFE server";
        }

        if (!SpiffeId.TryParse(ServerId, out var id) || id.Path.Length == 0)
        {
            yield return $"--server-id is '{ServerId}'; write the SPIFFE ID of the SPIFFE server";
        }

        if (!WorkloadApiAddress.TryParse(Socket, out var socket) || socket.SocketPath is null)
        {
            yield return $"{WorkloadEnvironment.SpiffeSocket} is '{Socket}'; set it to unix:///path/of/the/socket";
        }

        if (!IPAddress.TryParse(Address, out _))
        {
            yield return $"{WorkloadEnvironment.PodIp} is '{Address}'; set it to the pod's IP (downward API status.podIP)";
        }
    }
}
