using Castellan.AgentApi.Workloads;
using Castellan.ServiceDefaults;

namespace Castellan.AgentController;

/// <summary>What the controller needs to know of the installation it serves.</summary>
public sealed class AgentControllerOptions : ICheckedOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Controller";

    /// <summary>Trust domain of the SPIFFE IDs it announces.</summary>
    public string TrustDomain { get; set; } = "castellan.local";

    /// <summary>URL of the gateway's mutual-TLS listener, as pods reach it.</summary>
    public string Gateway { get; set; } = $"https://gateway.{WorkloadNames.SystemNamespace}.svc:{WorkloadPorts.Mtls}";

    /// <summary>Socket of the SPIFFE Workload API on the node. Its folder is mounted into pods at the same path.</summary>
    public string WorkloadApiSocket { get; set; } = "/run/castellan/spiffe/workload.sock";

    /// <summary>Tag of Castellan's own images.</summary>
    public string ImageTag { get; set; } = typeof(AgentControllerOptions).Assembly.GetName().Version!.ToString(3);

    /// <summary>What the installation decides about workflows: section <c>Workflows</c>, which other hosts read too.</summary>
    public WorkflowSettings Workflows { get; set; } = new();

    /// <summary>Users that ToolServers may name in <c>impersonateUsers</c>; empty allows none.</summary>
    public IList<string> ImpersonatableUsers { get; set; } = [];

    /// <summary>Groups that ToolServers may name in <c>impersonateGroups</c>; empty allows none.</summary>
    public IList<string> ImpersonatableGroups { get; set; } = [];

    /// <summary>True makes built-in tool servers demand a delegation token with every call; false makes them believe the gateway's word alone.</summary>
    public bool RequireDelegation { get; set; } = true;

    /// <summary>SPIFFE ID of the gateway: the only peer that pods let in.</summary>
    public string GatewayId => WorkloadNames.SpiffeId(TrustDomain, WorkloadNames.SystemNamespace, WorkloadNames.Gateway);

    /// <inheritdoc/>
    public IEnumerable<string> Faults()
    {
        if (TrustDomain.Length is 0 or > 255 || !TrustDomain.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_'))
        {
            yield return $"{Section}:{nameof(TrustDomain)} is '{TrustDomain}'; use lower-case letters, digits, dots, dashes and underscores";
        }
        if (!Uri.TryCreate(Gateway, UriKind.Absolute, out var gateway) || gateway.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"{Section}:{nameof(Gateway)} is '{Gateway}'; set an https URL";
        }
        if (!Path.IsPathRooted(WorkloadApiSocket) || Path.GetDirectoryName(WorkloadApiSocket) is null or "/")
        {
            yield return $"{Section}:{nameof(WorkloadApiSocket)} is '{WorkloadApiSocket}'; set the absolute path of a socket in a folder of its own";
        }
        foreach (var fault in Workflows.Faults())
        {
            yield return fault;
        }
    }
}
