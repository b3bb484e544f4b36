using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// A foreign trust domain whose identities are believed, and where its keys are fetched. To believe an identity is not to let it in: who may
/// connect is decided where it connects.
/// </summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "FederatedTrustDomain", "federatedtrustdomains", Namespaced = false)]
[ShortNames("ftd")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Trust Domain", "string", ".spec.trustDomain")]
[PrinterColumn("Stale", "string", ".status.conditions[?(@.type==\"Stale\")].status")]
[PrinterColumn("Sequence", "integer", ".status.sequence")]
[PrinterColumn("Fetched", "date", ".status.fetchedAt")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class FederatedTrustDomain : KubeObject
{
    /// <summary>Whose keys, and where they are.</summary>
    public required FederatedTrustDomainSpec Spec { get; set; }

    /// <summary>What the SPIFFE server observed.</summary>
    public FederatedTrustDomainStatus? Status { get; set; }
}

/// <summary>Whose keys, and where they are.</summary>
public sealed class FederatedTrustDomainSpec
{
    /// <summary>Name of the foreign trust domain, for example <c>partner.example</c>.</summary>
    [RegularExpression("^[a-z0-9._-]+$"), MaxLength(255)]
    public required string TrustDomain { get; set; }

    /// <summary>URL of its bundle endpoint.</summary>
    [RegularExpression("^https://[^@/?#]+(/[^?#]*)?$"), MaxLength(2048)]
    public required string BundleEndpointUrl { get; set; }

    /// <summary>How the endpoint proves itself.</summary>
    public required BundleEndpointProfile Profile { get; set; }

    /// <summary>With <see cref="BundleEndpointProfile.HttpsSpiffe"/>: the SPIFFE ID that the endpoint must prove.</summary>
    [RegularExpression("^spiffe://[a-z0-9._-]+/.+$"), MaxLength(2048)]
    public string? EndpointSpiffeId { get; set; }

    /// <summary>
    /// With <see cref="BundleEndpointProfile.HttpsSpiffe"/> and an endpoint of the same trust domain: a first copy of the bundle (JWK Set), by
    /// which the endpoint is known until the first fetch.
    /// </summary>
    [MaxLength(262144)]
    public string? TrustDomainBundle { get; set; }
}

/// <summary>How a bundle endpoint proves itself.</summary>
/// <remarks>Source: SPIFFE Federation standard, section 5.2.</remarks>
public enum BundleEndpointProfile
{
    /// <summary>By a certificate of the Web PKI for the URL's host name.</summary>
    HttpsWeb,

    /// <summary>By an X.509-SVID of a SPIFFE ID that is configured.</summary>
    HttpsSpiffe,
}

/// <summary>What the SPIFFE server observed of a foreign trust domain.</summary>
public sealed class FederatedTrustDomainStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>Ready</c>: the last fetch brought a bundle that is believed. <c>Stale</c>: an older bundle is still in force because it did not.</summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }

    /// <summary>Sequence of the bundle in force; absent when its publisher counts none.</summary>
    public long? Sequence { get; set; }

    /// <summary>When the bundle in force was fetched last.</summary>
    public DateTime? FetchedAt { get; set; }

    /// <summary>Seconds until it is fetched again: the publisher's hint, within 10 seconds and 1 hour.</summary>
    public int? RefreshSeconds { get; set; }

    /// <summary>Number of CA certificates and JWT keys in the bundle in force.</summary>
    public int? Keys { get; set; }
}
