using Castellan.KubeApi;

namespace Castellan.AgentController.Spire;

/// <summary>Which pods SPIRE gives which identity; only what we set. The kind is the SPIRE controller manager's.</summary>
/// <remarks>Source: github.com/spiffe/spire-controller-manager, docs/clusterspiffeid-crd.md.</remarks>
[KubeResource("spire.spiffe.io", "v1alpha1", "ClusterSPIFFEID", "clusterspiffeids", Namespaced = false)]
internal sealed class ClusterSpiffeId : KubeObject
{
    public ClusterSpiffeIdSpec Spec { get; set; } = new();
}

/// <summary>Which pods, and what they get.</summary>
internal sealed class ClusterSpiffeIdSpec : KubeFields
{
    /// <summary>Go template of the ID.</summary>
    public string SpiffeIDTemplate { get; set; } = "";

    public LabelSelector? NamespaceSelector { get; set; }

    public LabelSelector? PodSelector { get; set; }

    /// <summary>What SPIRE's agent must see of a process beside its pod, as <c>type:value</c>.</summary>
    public IList<string>? WorkloadSelectorTemplates { get; set; }

    /// <summary>Foreign trust domains whose bundles the workload gets.</summary>
    public IList<string>? FederatesWith { get; set; }

    /// <summary>Validity of X.509-SVIDs, as a Go duration.</summary>
    public string? Ttl { get; set; }

    /// <summary>Validity of JWT-SVIDs, as a Go duration.</summary>
    public string? JwtTtl { get; set; }

    /// <summary>Which of several identities this is.</summary>
    public string? Hint { get; set; }

    public string? ClassName { get; set; }
}
