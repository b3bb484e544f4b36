using Castellan.AgentApi.Workloads;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Telemetry;

namespace Castellan.AgentController;

/// <summary>What the controller needs to know of the installation it serves.</summary>
public sealed class AgentControllerOptions : ICheckedOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Controller";

    private const string OwnSocket = "/run/castellan/spiffe/workload.sock";
    private const string SpireSocket = "/spiffe-workload-api/spire-agent.sock"; // as SPIRE's chart names it

    /// <summary>Trust domain of the SPIFFE IDs it announces.</summary>
    public string TrustDomain { get; set; } = "castellan.local";

    /// <summary>URL of the gateway's mutual-TLS listener, as pods reach it.</summary>
    public string Gateway { get; set; } = $"https://gateway.{WorkloadNames.SystemNamespace}.svc:{WorkloadPorts.Mtls}";

    /// <summary>Where pods get their SVIDs from.</summary>
    public IdentityMode Identity { get; set; } = IdentityMode.Embedded;

    /// <summary>Path of the Workload API's socket in pods, with <see cref="IdentityMode.Node"/> also on the node; empty takes the usual one of the mode.</summary>
    public string WorkloadApiSocket { get; set; } = "";

    /// <summary>With <see cref="IdentityMode.Embedded"/>: URL of the SPIFFE server's listener for pods.</summary>
    public string SpiffeServer { get; set; } = $"https://{TrustConfig.Server}.{WorkloadNames.SystemNamespace}.svc:{WorkloadPorts.Mtls}";

    /// <summary>With <see cref="IdentityMode.Spire"/>: class of the controller manager that shall take our ClusterSPIFFEIDs; empty leaves it to the one without a class.</summary>
    public string SpireClassName { get; set; } = "";

    /// <summary>With <see cref="IdentityMode.Spire"/>: foreign trust domains that workloads believe. With Embedded the FederatedTrustDomains say it.</summary>
    public IList<string> SpireFederatesWith { get; set; } = [];

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

    /// <summary>
    /// Variables by which built-in tool servers send their spans and metrics to a collector, <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and others; by
    /// default those that the controller itself has. Empty: they send none.
    /// </summary>
    public IDictionary<string, string> PodTelemetry { get; set; } = new Dictionary<string, string>();

    /// <summary>True lets agent pods send theirs too. The gateway tells of all that agents do, so that their pods need no way to a collector.</summary>
    public bool AgentsSendTelemetry { get; set; }

    /// <summary>SPIFFE ID of the gateway: the only peer that pods let in.</summary>
    public string GatewayId => WorkloadNames.SpiffeId(TrustDomain, WorkloadNames.SystemNamespace, WorkloadNames.Gateway);

    /// <summary>SPIFFE ID of the SPIFFE server: the only one that agents in pods talk to.</summary>
    public string SpiffeServerId => WorkloadNames.SpiffeId(TrustDomain, WorkloadNames.SystemNamespace, TrustConfig.Server);

    /// <summary>Path of the Workload API's socket in pods.</summary>
    internal string Socket => WorkloadApiSocket.Length > 0 ? WorkloadApiSocket : Identity == IdentityMode.Spire ? SpireSocket : OwnSocket;

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
        if (Identity == IdentityMode.Embedded && (!Uri.TryCreate(SpiffeServer, UriKind.Absolute, out var server) || server.Scheme != Uri.UriSchemeHttps))
        {
            yield return $"{Section}:{nameof(SpiffeServer)} is '{SpiffeServer}'; set the https URL of the SPIFFE server's listener for pods";
        }
        if (!Path.IsPathRooted(Socket) || Path.GetDirectoryName(Socket) is null or "/")
        {
            yield return $"{Section}:{nameof(WorkloadApiSocket)} is '{WorkloadApiSocket}'; set the absolute path of a socket in a folder of its own";
        }
        foreach (var name in PodTelemetry.Keys.Where(name => !TelemetryEnvironment.MayBePassed(name)))
        {
            yield return $"{Section}:{nameof(PodTelemetry)} has '{name}'; only variables of OpenTelemetry that hold no secret go into pods, see docs/telemetry.md";
        }
        foreach (var fault in Workflows.Faults())
        {
            yield return fault;
        }
    }
}
