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

    /// <summary>Whoever one of the rules allows.</summary>
    public static SpiffeAuthorizer AnyOf(params IReadOnlyCollection<SpiffeAuthorizer> rules) => new(string.Join(" or ", rules), id => rules.Any(rule => rule.Allows(id)));

    /// <summary>
    /// Reads a rule as it is configured: <c>spiffe://td/path</c> is exactly that ID, <c>spiffe://td/ns/NAMESPACE/sa/*</c> every service account of a
    /// namespace, <c>spiffe://td</c> every workload of a trust domain, our own or one that we federate with.
    /// </summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static SpiffeAuthorizer Parse(string rule)
    {
        const string AnyAccount = "/sa/*";
        var isNamespace = rule.EndsWith(AnyAccount, StringComparison.Ordinal);
        if (!SpiffeId.TryParse(isNamespace ? rule[..^AnyAccount.Length] : rule, out var id))
        {
            throw new FormatException($"'{rule}' is no rule for peers; write a SPIFFE ID, spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/* or spiffe://TRUST-DOMAIN");
        }

        return (isNamespace, id.Path.Split('/')) switch
        {
            (true, ["", "ns", var name]) => InNamespace(id.TrustDomain, name),
            (true, _) => throw new FormatException($"'{rule}' names no namespace; write spiffe://{id.TrustDomain}/ns/NAMESPACE/sa/*"),
            (false, [""]) => InTrustDomain(id.TrustDomain),
            _ => Exactly(id),
        };
    }

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
