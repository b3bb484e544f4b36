namespace Castellan.SpiffeIdentity;

/// <summary>Decides which verified peers may talk to us. A peer that proves another ID is refused in the handshake.</summary>
public sealed class SpiffeAuthorizer
{
    private readonly Func<SpiffeId, bool> _allows;
    private readonly string _description;

    private SpiffeAuthorizer(string description, Func<SpiffeId, bool> allows)
    {
        _description = description;
        _allows = allows;
    }

    /// <summary>Exactly these IDs.</summary>
    public static SpiffeAuthorizer Exactly(params IReadOnlyCollection<SpiffeId> ids)
    {
        var allowed = ids.ToHashSet();
        return new(string.Join(" or ", allowed), allowed.Contains);
    }

    /// <summary>Every service account of one Kubernetes namespace: <c>/ns/&lt;namespace&gt;/sa/…</c> and nothing else.</summary>
    public static SpiffeAuthorizer InNamespace(TrustDomain trustDomain, string @namespace) => new(
        $"service accounts of namespace {@namespace} in {trustDomain}",
        id => id.TrustDomain == trustDomain && id.TryGetServiceAccount(out var theirs, out _) && theirs == @namespace);

    /// <summary>Every workload of one trust domain.</summary>
    public static SpiffeAuthorizer InTrustDomain(TrustDomain trustDomain) => new($"workloads of {trustDomain}", id => id.TrustDomain == trustDomain);

    /// <summary>A rule of the caller's own.</summary>
    /// <param name="description">Who is allowed, for messages.</param>
    /// <param name="allows">Called in every handshake, on many threads.</param>
    public static SpiffeAuthorizer Where(string description, Func<SpiffeId, bool> allows) => new(description, allows);

    /// <summary>The same rule, without the identities that are denied.</summary>
    public SpiffeAuthorizer ExceptDenied(DenialList denials) => new($"{_description}, unless denied", id => !denials.Denies(id) && _allows(id));

    /// <summary>True when the peer may talk to us.</summary>
    public bool Allows(SpiffeId peer) => _allows(peer);

    /// <summary>Who is allowed.</summary>
    public override string ToString() => _description;
}
