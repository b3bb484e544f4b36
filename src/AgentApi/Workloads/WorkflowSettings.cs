namespace Castellan.AgentApi.Workloads;

/// <summary>
/// What an installation decides about workflows, section <c>Workflows</c>. Gateway, controller and agents read the same setting by the same
/// name (<c>CASTELLAN_Workflows__Backend</c>): what one of them wrote into another sidecar would never be found.
/// </summary>
public sealed class WorkflowSettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Workflows";

    /// <summary>The variable that says the backend to a process: this section's <see cref="Backend"/>, with the prefix of every setting of ours.</summary>
    public const string BackendVariable = $"CASTELLAN_{Section}__{nameof(Backend)}";

    private const int LongestSecretName = 253;

    /// <summary>Which sidecar keeps the histories.</summary>
    public WorkflowBackend Backend { get; set; } = WorkflowBackend.Embedded;

    /// <summary>Days after which ended workflows of the embedded backend, and claims of ended calls, are removed; 0 keeps them. Calls, runs and their records stay.</summary>
    public int RetentionDays { get; set; } = 30;

    /// <summary>What the manifests for Dapr refer to.</summary>
    public DaprSettings Dapr { get; set; } = new();

    /// <summary>Every fault with its key and value.</summary>
    public IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Backend)) yield return $"{Section}:{nameof(Backend)} is {Backend}; set {nameof(WorkflowBackend.Embedded)} or {nameof(WorkflowBackend.Dapr)}";
        if (RetentionDays is < 0 or > 36500) yield return $"{Section}:{nameof(RetentionDays)} is {RetentionDays}; set 0 to 36500";
        foreach (var (key, value) in new[] { (nameof(DaprSettings.ApiTokenSecret), Dapr.ApiTokenSecret), (nameof(DaprSettings.StateStoreSecret), Dapr.StateStoreSecret) })
        {
            if (value.Length is 0 or > LongestSecretName) yield return $"{Section}:{nameof(Dapr)}:{key} is '{value}'; name a Secret that every namespace with agents has";
        }
    }
}

/// <summary>What the manifests for Dapr refer to, section <c>Workflows:Dapr</c>. The Secrets are read by Dapr and by kubelets, never by us.</summary>
public sealed class DaprSettings
{
    /// <summary>Key under which Dapr expects the token in its Secret.</summary>
    public const string ApiTokenKey = "token";

    /// <summary>Key under which the connection string stands in its Secret.</summary>
    public const string StateStoreKey = "connectionString";

    /// <summary>Secret, in each namespace with agents, whose key <c>token</c> is what daprd asks of those who call it.</summary>
    public string ApiTokenSecret { get; set; } = "dapr-api-token";

    /// <summary>Secret, in each namespace with agents, whose key <c>connectionString</c> leads to the PostgreSQL database of the histories.</summary>
    public string StateStoreSecret { get; set; } = "castellan-workflow-store";

    /// <summary>
    /// True writes a WorkflowAccessPolicy for each agent, so that no other app of its namespace can schedule work for it. Dapr knows that
    /// kind from 1.18 on; with an older one set false, and keep agents that do not trust each other in namespaces of their own.
    /// </summary>
    public bool AccessPolicies { get; set; } = true;
}
