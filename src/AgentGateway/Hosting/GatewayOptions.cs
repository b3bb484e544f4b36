using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Audit;
using Castellan.Storage;

namespace Castellan.AgentGateway.Hosting;

/// <summary>What an operator may set about the gateway, section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>Folder of the gateway's store: calls, history, audit log.</summary>
    public string DataDirectory { get; set; } = "/var/lib/castellan/gateway";

    /// <summary>
    /// Where the gateway's store lies: <c>sqlite:FILE</c>, or <c>postgres:CONNECTION</c> (<c>postgres:</c> alone reads CASTELLAN_POSTGRES).
    /// Empty: a file in <see cref="DataDirectory"/>. It holds calls, claims and the audit log, and with the embedded backend the histories.
    /// </summary>
    public string Store { get; set; } = "";

    /// <summary>Largest size of a store on SQLite, in MiB: 8 to 1048576; 0 leaves it to the disk. When it is full no call is accepted, as on a full disk.</summary>
    public int StoreMaxMegabytes { get; set; }

    /// <summary>True lets a PostgreSQL database be brought to this version's tables, for which the operator has a backup.</summary>
    public bool AllowSchemaChange { get; set; }

    /// <summary>What the installation decides about workflows: section <c>Workflows</c>, which other hosts read too.</summary>
    public WorkflowSettings Workflows { get; set; } = new();

    /// <summary>Trust domain of agents and tool servers.</summary>
    public string TrustDomain { get; set; } = "castellan.local";

    /// <summary>
    /// URL of the identity authority's token endpoint, where delegation tokens come from; empty sends none, and built-in tool servers
    /// refuse calls unless they are told to believe the gateway alone.
    /// </summary>
    public string TokenExchange { get; set; } = "";

    /// <summary>Address and port on which agents are served (mutual TLS); port 0 takes a free one.</summary>
    public string WorkloadAddress { get; set; } = "127.0.0.1:0";

    /// <summary>Address and port on which people are served (TLS and a bearer token); port 0 takes a free one.</summary>
    public string EdgeAddress { get; set; } = "127.0.0.1:0";

    /// <summary>Further host names and addresses under which MCP clients may reach the edge, against DNS rebinding.</summary>
    public IList<string> EdgeHosts { get; set; } = [];

    /// <summary>Longest wait for one tool call, in seconds: 1 to 600.</summary>
    public int ToolCallTimeoutSeconds { get; set; } = 60;

    /// <summary>Longest wait for one model call, in seconds: 1 to 3600.</summary>
    public int ModelCallTimeoutSeconds { get; set; } = 300;

    /// <summary>How long a call waits for a tool server that cannot be reached, in seconds: 0 to 300. Nothing was sent meanwhile.</summary>
    public int ToolServerPatienceSeconds { get; set; } = 20;

    /// <summary>How long an MCP client that asked for progress waits for an approval before it is told to come back, in seconds: 0 to 3600.</summary>
    public int ApprovalWaitSeconds { get; set; } = 300;

    /// <summary>Where the gateway may connect to outside of the cluster.</summary>
    public Egress.EgressOptions Egress { get; set; } = new();

    /// <summary>What becomes of the audit log: section <c>Audit</c>.</summary>
    public AuditSettings Audit { get; set; } = new();

    /// <summary>Every fault with its key and value.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(DataDirectory)) yield return $"{Section}:{nameof(DataDirectory)} is empty; name a folder that survives restarts";
        if (!SpiffeIdentity.TrustDomain.TryParse(TrustDomain, out _)) yield return $"{Section}:{nameof(TrustDomain)} is '{TrustDomain}'; use lower-case letters, digits, dots and hyphens";
        if (TokenExchange.Length > 0 && !(Uri.TryCreate(TokenExchange, UriKind.Absolute, out var exchange) && exchange.Scheme == Uri.UriSchemeHttps)) yield return $"{Section}:{nameof(TokenExchange)} is '{TokenExchange}'; set an https URL";
        foreach (var (key, value) in new[] { (nameof(WorkloadAddress), WorkloadAddress), (nameof(EdgeAddress), EdgeAddress) })
        {
            if (!System.Net.IPEndPoint.TryParse(value, out _)) yield return $"{Section}:{key} is '{value}'; write it as address:port";
        }

        if (StoreMaxMegabytes is not 0 and (< 8 or > 1 << 20)) yield return $"{Section}:{nameof(StoreMaxMegabytes)} is {StoreMaxMegabytes}; set 8 to 1048576, or 0 for no limit";
        if (StoreFault() is { } fault) yield return $"{Section}:{nameof(Store)}: {fault}";
        foreach (var wrong in Workflows.Faults().Concat(Audit.Faults()).Concat(Egress.Faults())) yield return wrong;
        foreach (var (key, value, least, most) in new[]
        {
            (nameof(ToolCallTimeoutSeconds), ToolCallTimeoutSeconds, 1, 600), (nameof(ModelCallTimeoutSeconds), ModelCallTimeoutSeconds, 1, 3600),
            (nameof(ToolServerPatienceSeconds), ToolServerPatienceSeconds, 0, 300), (nameof(ApprovalWaitSeconds), ApprovalWaitSeconds, 0, 3600),
        })
        {
            if (value < least || value > most) yield return $"{Section}:{key} is {value}; set {least} to {most}";
        }
    }

    internal StoreLocation Location() => Store.Length == 0 ? StoreLocation.Sqlite(Path.Combine(DataDirectory, "gateway.db")) : StoreLocation.Parse(Store);

    private string? StoreFault()
    {
        try
        {
            Location();
            return null;
        }
        catch (StoreLocationException e)
        {
            return e.Message;
        }
        catch (ArgumentException)
        {
            return null; // no folder either, which is said above
        }
    }
}
