namespace Castellan.AgentApi;

/// <summary>The names that Castellan's kinds, labels and conditions share.</summary>
public static class ApiGroup
{
    /// <summary>API group of every Castellan kind.</summary>
    public const string Name = "castellan.dev";

    /// <summary>The version of the kinds in this build.</summary>
    public const string V1Alpha1 = "v1alpha1";

    /// <summary>Field manager of everything the controller applies.</summary>
    public const string FieldManager = "castellan";

    /// <summary>Field manager of what the gateway writes: the discovered tools of a ToolServer.</summary>
    public const string GatewayFieldManager = "castellan-gateway";

    /// <summary>Condition type that says whether an object does its job now.</summary>
    public const string ReadyCondition = "Ready";

    /// <summary>Field manager of what the controller's look at identities writes.</summary>
    public const string IdentityFieldManager = "castellan-identity";

    /// <summary>Condition type of an Agent that says whether its pod has proved the agent's SPIFFE ID.</summary>
    public const string IdentityReadyCondition = "IdentityReady";

    /// <summary>Condition type of a ToolServer that says whether the gateway has listed its tools.</summary>
    public const string DiscoveredCondition = "Discovered";

    /// <summary>Condition type of a ToolServer that says whether tools are blocked because their definitions are not the pinned ones.</summary>
    public const string ToolsChangedCondition = "ToolsChanged";

    /// <summary>Condition type of a ToolServer that says whether names of its tools can be taken for those of others.</summary>
    public const string ToolsImitateCondition = "ToolsImitate";

    /// <summary>Condition type of a FederatedTrustDomain that says whether an older bundle is in force because none could be fetched.</summary>
    public const string StaleCondition = "Stale";

    /// <summary>Label on every child: the kind it belongs to, lower case.</summary>
    public const string KindLabel = "castellan.dev/kind";

    /// <summary>Label on every child: the name of the object it belongs to.</summary>
    public const string NameLabel = "castellan.dev/name";

    /// <summary>Label on children outside the namespace of the object they belong to: that namespace. Owner references cannot say it.</summary>
    public const string NamespaceLabel = "castellan.dev/namespace";

    /// <summary>Annotation on a Namespace: whose agents may be granted access here, as namespaces separated by commas.</summary>
    public const string AcceptsAgentsFrom = "castellan.dev/accepts-agents-from";
}
