using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>The authority of one trust domain: issues SVIDs and publishes the bundle that verifies them.</summary>
/// <remarks>
/// A root (or an upstream CA) signs intermediates; the intermediate in force signs SVIDs and travels with them. Keys change with
/// overlap when <see cref="RunAsync"/> runs: the next key is published at half life and signs when a sixth is left. Issuing is
/// safe from many threads and never waits for a rotation.
/// </remarks>
public sealed class Authority : IDisposable
{
    private readonly AuthorityOptions _options;
    private readonly AuthorityRotation _rotation;
    private readonly AuthorityFile? _file;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly IDisposable _denialChange;
    private CancellationTokenSource _changed = new();
    private volatile Snapshot _snapshot;

    private Authority(AuthorityOptions options, AuthorityRotation rotation, AuthorityFile? file, AuthorityKeys keys)
    {
        _options = options;
        _file = file;
        _rotation = rotation;
        _snapshot = new(keys, BundleOf(keys));
        Denials = options.Denials ?? new();
        _denialChange = ChangeToken.OnChange(() => Denials.ChangeToken, () => Record(AuthorityEventKind.DenialsChanged, null, null, $"{Denials.Denied.Count} denied"));
    }

    /// <summary>Whose authority it is.</summary>
    public TrustDomain TrustDomain => _options.TrustDomain;

    /// <summary>The bundle that verifies what this authority issues, now and after the next change of keys.</summary>
    public TrustBundle Bundle => _snapshot.Bundle;

    /// <summary>Fires once, when <see cref="Bundle"/> has been replaced.</summary>
    public IChangeToken BundleChange => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>The bundles of other trust domains that workloads of this one believe.</summary>
    public FederatedBundles Federation { get; } = new();

    /// <summary>All that workloads believe: our own bundle first, then the federated ones.</summary>
    public IReadOnlyList<TrustBundle> Bundles => [Bundle, .. Federation.Bundles];

    /// <summary>Fires once, when <see cref="Bundles"/> has changed.</summary>
    public IChangeToken BundlesChange => new CompositeChangeToken([BundleChange, Federation.ChangeToken]);

    /// <summary>Identities that get nothing any more.</summary>
    public DenialList Denials { get; }

    /// <summary>What has been issued and what happens.</summary>
    public IssuanceLedger Ledger { get; } = new();

    /// <summary>The CAs and JWT keys, in the order of making; no private key.</summary>
    public IReadOnlyList<AuthorityKeyStatus> Keys => AuthorityKeyStatus.Of(_snapshot.Keys, _options.TimeProvider.GetUtcNow(), _options.BundleRefreshHint);

    /// <summary>The moment by the clock that issues.</summary>
    public DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>Claim <c>iss</c> of JWT-SVIDs; null when they carry none.</summary>
    public string? Issuer => _options.Issuer;

    /// <summary>The clock that issues.</summary>
    public TimeProvider Clock => _options.TimeProvider;

    /// <summary>Opens the authority: reads its keys, or makes and stores them the first time.</summary>
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others, sealed otherwise or another trust domain's.</exception>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign.</exception>
    public static async Task<Authority> OpenAsync(AuthorityOptions options, CancellationToken ct)
    {
        var vault = options.Vault ?? new FileKeyVault(options.KeyEncryptionKey, options.TrustDomain);
        var file = options.DataDirectory is { } directory ? new AuthorityFile(directory, options.TrustDomain, vault) : null;
        var isStale = false;
        var stored = file?.Read(out isStale) ?? AuthorityKeys.None;
        var rotation = new AuthorityRotation(options, vault);
        var keys = rotation.Advance(stored, options.TimeProvider.GetUtcNow());
        if (file is not null && (isStale || !ReferenceEquals(keys, stored)))
        {
            await file.WriteAsync(keys, ct).ConfigureAwait(false);
        }

        return new(options, rotation, file, keys);
    }

    /// <summary>Issues an X.509-SVID with a new key.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing CA's.</param>
    /// <param name="hint">Operator-set label.</param>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved.</exception>
    /// <exception cref="IdentityDeniedException">The ID is denied.</exception>
    public X509Svid IssueX509(SpiffeId id, TimeSpan? ttl = null, string hint = "") => Issue(id, ttl, hint).Adopt();

    /// <summary>Issues certificates for a key that the caller keeps.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="subjectPublicKeyInfo">The caller's public key, DER.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing CA's.</param>
    /// <returns>DER certificates, concatenated: the leaf, then the intermediates.</returns>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved.</exception>
    /// <exception cref="IdentityDeniedException">The ID is denied.</exception>
    public byte[] IssueX509Chain(SpiffeId id, ReadOnlySpan<byte> subjectPublicKeyInfo, TimeSpan? ttl = null) =>
        IssueChain(id, subjectPublicKeyInfo, ttl, out _);

    /// <summary>Issues a JWT-SVID.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="audience">Whom it is for; one is strongly advised, for a token for two can be passed on by either.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing key's.</param>
    /// <returns>The token, in compact serialization.</returns>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved; or there is no audience.</exception>
    /// <exception cref="IdentityDeniedException">The ID is denied.</exception>
    public string IssueJwt(SpiffeId id, IReadOnlyList<string> audience, TimeSpan? ttl = null)
    {
        CheckEntitlement(id);
        if (audience.Count == 0 || audience.Contains(""))
        {
            throw new ArgumentException("the audience is empty; name whom the token is for", nameof(audience));
        }

        var now = _options.TimeProvider.GetUtcNow();
        var signer = _snapshot.Keys.JwtSigner(now, _options.BundleRefreshHint);
        var end = now + (ttl ?? _options.JwtSvidTtl);
        var notAfter = end < signer.Lifetime.NotAfter ? end : signer.Lifetime.NotAfter;
        Record(AuthorityEventKind.JwtIssued, id, notAfter, audience[0]);
        return JwtWriter.Svid(signer.Jwt!, _options.Issuer, id, audience, new(now, notAfter));
    }

    /// <summary>Issues a token that lets its holder act for somebody at one audience.</summary>
    /// <param name="wanted">For whom, at whom, held by whom; its expiry is capped at <see cref="DelegationToken.LongestLife"/> and by the signing key's.</param>
    /// <returns>The token, and what it says.</returns>
    /// <exception cref="ArgumentException">An ID in it is another trust domain's, without a path or reserved, or the chain of actors is too long.</exception>
    /// <exception cref="IdentityDeniedException">The audience, the holder or an actor is denied.</exception>
    public (string Token, DelegatedAuthority Issued) IssueDelegation(DelegatedAuthority wanted)
    {
        foreach (var id in wanted.Actors.Append(wanted.Audience).Append(wanted.Client))
        {
            CheckEntitlement(id);
        }

        var now = _options.TimeProvider.GetUtcNow();
        var signer = _snapshot.Keys.JwtSigner(now, _options.BundleRefreshHint);
        var latest = now + DelegationToken.LongestLife < signer.Lifetime.NotAfter ? now + DelegationToken.LongestLife : signer.Lifetime.NotAfter;
        var issued = wanted with { Expiry = wanted.Expiry < latest ? wanted.Expiry : latest };
        var token = DelegationToken.Write(signer.Jwt!, _options.Issuer ?? TrustDomain.Id.ToString(), issued, now);
        Record(AuthorityEventKind.AuthorityDelegated, wanted.Actors.FirstOrDefault() ?? wanted.Client, issued.Expiry, $"for {wanted.Subject} at {wanted.Audience}");
        return (token, issued);
    }

    /// <summary>Puts a new signing CA in force at once; SVIDs signed by the old one stay valid.</summary>
    /// <remarks>Tokens are signed with its JWT key once that has been published for as long as the refresh hint says.</remarks>
    public Task RotateSigningCaAsync(CancellationToken ct) => ChangeAsync(_rotation.ReplaceSigner, ct);

    /// <summary>Changes keys when they are due, until cancelled. Run it once per process.</summary>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign; the keys in force go on, so run it again later.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            var wait = _rotation.WaitAfter(_snapshot.Keys, _options.TimeProvider.GetUtcNow());
            await Task.Delay(wait, _options.TimeProvider, ct).ConfigureAwait(false);
            await ChangeAsync(_rotation.Advance, ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _denialChange.Dispose();
        _turn.Dispose();
        _changed.Dispose();
    }

    /// <summary>Issues an X.509-SVID with a new key, for another process: nothing of it is parsed or loaded here.</summary>
    internal IssuedX509Svid Issue(SpiffeId id, TimeSpan? ttl, string hint)
    {
        using var key = _options.SvidKeyType.NewKey();
        var chain = IssueChain(id, key.ExportSubjectPublicKeyInfo(), ttl, out var notAfter);
        return new(id, chain, key.ExportPkcs8PrivateKey(), notAfter, hint);
    }

    private byte[] IssueChain(SpiffeId id, ReadOnlySpan<byte> subjectPublicKeyInfo, TimeSpan? ttl, out DateTimeOffset notAfter)
    {
        CheckEntitlement(id);
        var now = _options.TimeProvider.GetUtcNow();
        var signer = _snapshot.Keys.Signer(now);
        var end = now + (ttl ?? _options.X509SvidTtl);
        notAfter = end < signer.Lifetime.NotAfter ? end : signer.Lifetime.NotAfter;
        var leaf = LeafCertificate.Write(signer, id, subjectPublicKeyInfo, new(now - CertificateAuthorities.ClockSkew, notAfter));
        Record(AuthorityEventKind.X509Issued, id, notAfter, "");
        return [.. leaf, .. signer.Certificate.RawDataMemory.Span, .. signer.Above.SelectMany(above => above)];
    }

    private async Task ChangeAsync(Func<AuthorityKeys, DateTimeOffset, AuthorityKeys> change, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var before = _snapshot.Keys;
            var after = change(before, _options.TimeProvider.GetUtcNow());
            if (ReferenceEquals(before, after))
            {
                return;
            }

            if (_file is not null)
            {
                await _file.WriteAsync(after, ct).ConfigureAwait(false); // stored before anything is signed with it
            }

            _snapshot = new(after, BundleOf(after));
        }
        finally
        {
            _turn.Release();
        }

        Record(AuthorityEventKind.BundleChanged, null, null, $"sequence {Bundle.Sequence}");
        await Interlocked.Exchange(ref _changed, new()).CancelAsync().ConfigureAwait(false);
    }

    private void CheckEntitlement(SpiffeId id)
    {
        if (id.TrustDomain != TrustDomain)
        {
            throw new ArgumentException($"{id} is not of trust domain {TrustDomain}; ask its own authority", nameof(id));
        }

        if (id.Path.Length == 0 || id.Path == "/spire" || id.Path.StartsWith("/spire/", StringComparison.Ordinal))
        {
            throw new ArgumentException($"{id} is reserved for authorities; a workload's ID has a path outside /spire", nameof(id));
        }

        if (Denials.Denies(id))
        {
            throw new IdentityDeniedException(id);
        }
    }

    private void Record(AuthorityEventKind kind, SpiffeId? id, DateTimeOffset? notAfter, string detail) =>
        Ledger.Record(new(_options.TimeProvider.GetUtcNow(), kind, id, notAfter, detail));

    private TrustBundle BundleOf(AuthorityKeys keys) => new(
        TrustDomain,
        [.. keys.Roots.SelectMany(r => r.Anchors).DistinctBy(a => a.Thumbprint)],
        [.. keys.Signers.Where(s => s.Jwt is not null).Select(s => s.Jwt!.Authority)])
    {
        Sequence = keys.Sequence,
        RefreshHint = _options.BundleRefreshHint,
    };

    private sealed record Snapshot(AuthorityKeys Keys, TrustBundle Bundle);
}
