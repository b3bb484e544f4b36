namespace Castellan.AgentController;

/// <summary>Where pods get their SVIDs from.</summary>
public enum IdentityMode
{
    /// <summary>From our SPIFFE server, through an agent in each pod that proves the pod by its projected token.</summary>
    Embedded,

    /// <summary>From SPIRE, through its CSI driver; the controller registers each workload with a ClusterSPIFFEID.</summary>
    Spire,

    /// <summary>From a Workload API socket that something else serves on the node: local mode, or an agent that an administrator runs.</summary>
    Node,
}
