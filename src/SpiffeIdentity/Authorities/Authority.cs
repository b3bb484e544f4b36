using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>The authority of one trust domain: issues SVIDs and publishes the bundle that verifies them.</summary>
/// <remarks>
/// EC P-256 throughout. A root signs intermediates; the intermediate in force signs SVIDs and travels with them. Keys change with
/// overlap when <see cref="RunAsync"/> runs: the next key is published at half life and signs when a sixth is left. Issuing is
/// safe from many threads and never waits for a rotation.
/// </remarks>
public sealed class Authority : IDisposable
{
    private readonly AuthorityOptions _options;
    private readonly AuthorityRotation _rotation;
    private readonly AuthorityFile? _file;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CancellationTokenSource _changed = new();
    private volatile Snapshot _snapshot;

    private Authority(AuthorityOptions options, AuthorityFile? file, AuthorityKeys keys)
    {
        _options = options;
        _file = file;
        _rotation = new(options);
        _snapshot = new(keys, BundleOf(keys));
    }

    /// <summary>Whose authority it is.</summary>
    public TrustDomain TrustDomain => _options.TrustDomain;

    /// <summary>The bundle that verifies what this authority issues, now and after the next change of keys.</summary>
    public TrustBundle Bundle => _snapshot.Bundle;

    /// <summary>Fires once, when <see cref="Bundle"/> has been replaced.</summary>
    public IChangeToken BundleChange => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>The clock that issues.</summary>
    internal TimeProvider Clock => _options.TimeProvider;

    /// <summary>Opens the authority: reads its keys, or makes and stores them the first time.</summary>
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others or another trust domain's.</exception>
    public static async Task<Authority> OpenAsync(AuthorityOptions options, CancellationToken ct)
    {
        var file = options.DataDirectory is { } directory ? new AuthorityFile(directory, options.TrustDomain) : null;
        var stored = file?.Read() ?? AuthorityKeys.None;
        var keys = new AuthorityRotation(options).Advance(stored, options.TimeProvider.GetUtcNow());
        if (file is not null && !ReferenceEquals(keys, stored))
        {
            await file.WriteAsync(keys, ct).ConfigureAwait(false);
        }

        return new(options, file, keys);
    }

    /// <summary>Issues an X.509-SVID with a new key.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing CA's.</param>
    /// <param name="hint">Operator-set label.</param>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved.</exception>
    public X509Svid IssueX509(SpiffeId id, TimeSpan? ttl = null, string hint = "") => Issue(id, ttl, hint).Adopt();

    /// <summary>Issues certificates for a key that the caller keeps.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="subjectPublicKeyInfo">The caller's public key, DER.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing CA's.</param>
    /// <returns>DER certificates, concatenated: the leaf, then the intermediate.</returns>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved.</exception>
    public byte[] IssueX509Chain(SpiffeId id, ReadOnlySpan<byte> subjectPublicKeyInfo, TimeSpan? ttl = null) =>
        IssueChain(id, subjectPublicKeyInfo, ttl, out _);

    /// <summary>Issues a JWT-SVID.</summary>
    /// <param name="id">A workload's ID of this trust domain.</param>
    /// <param name="audience">Whom it is for; one is strongly advised, for a token for two can be passed on by either.</param>
    /// <param name="ttl">Validity; null takes the configured one. Capped by the signing key's.</param>
    /// <returns>The token, in compact serialization.</returns>
    /// <exception cref="ArgumentException">The ID is another trust domain's, without a path, or reserved; or there is no audience.</exception>
    public string IssueJwt(SpiffeId id, IReadOnlyList<string> audience, TimeSpan? ttl = null)
    {
        CheckEntitlement(id);
        if (audience.Count == 0 || audience.Contains(""))
        {
            throw new ArgumentException("the audience is empty; name whom the token is for", nameof(audience));
        }

        var now = _options.TimeProvider.GetUtcNow();
        var signer = _snapshot.Keys.Signer(now);
        var end = now + (ttl ?? _options.JwtSvidTtl);
        return JwtWriter.Write(signer.Jwt!, id, audience, new(now, end < signer.Lifetime.NotAfter ? end : signer.Lifetime.NotAfter));
    }

    /// <summary>Puts a new signing CA in force at once; SVIDs signed by the old one stay valid.</summary>
    public Task RotateSigningCaAsync(CancellationToken ct) => ChangeAsync(_rotation.ReplaceSigner, ct);

    /// <summary>Changes keys when they are due, until cancelled. Run it once per process.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            var wait = _snapshot.Keys.NextChangeAt - _options.TimeProvider.GetUtcNow();
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _options.TimeProvider, ct).ConfigureAwait(false);
            await ChangeAsync(_rotation.Advance, ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _turn.Dispose();
        _changed.Dispose();
    }

    /// <summary>Issues an X.509-SVID with a new key, for another process: nothing of it is parsed or loaded here.</summary>
    internal IssuedX509Svid Issue(SpiffeId id, TimeSpan? ttl, string hint)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
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
        return [.. leaf, .. signer.Certificate.RawDataMemory.Span];
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
    }

    private TrustBundle BundleOf(AuthorityKeys keys) => new(
        TrustDomain, [.. keys.Roots.Select(r => r.Certificate)], [.. keys.Signers.Where(s => s.Jwt is not null).Select(s => s.Jwt!.Authority)])
    {
        Sequence = keys.Sequence,
        RefreshHint = _options.BundleRefreshHint,
    };

    private sealed record Snapshot(AuthorityKeys Keys, TrustBundle Bundle);
}
