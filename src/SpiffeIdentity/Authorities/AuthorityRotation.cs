using System.Buffers.Text;
using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>Brings the keys of an authority up to a moment: drops what has expired, prepares what comes next.</summary>
internal sealed class AuthorityRotation(AuthorityOptions options, IKeyVault vault)
{
    /// <summary>How often the files of an upstream CA are looked at.</summary>
    private static readonly TimeSpan s_upstreamInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromSeconds(1);
    private readonly UpstreamAuthority? _upstream = options.Upstream is { } files ? new(files, options.TrustDomain) : null;

    /// <summary>The keys for <paramref name="now"/>; the same object when nothing was to be done.</summary>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign.</exception>
    public AuthorityKeys Advance(AuthorityKeys keys, DateTimeOffset now)
    {
        var roots = _upstream is null
            ? Next(keys.Roots, now, activeFrom => CertificateAuthorities.NewRoot(options, vault, now, activeFrom))
            : UpstreamRoots(_upstream.Load(now), keys, now);
        var root = (keys with { Roots = roots }).Root(now);
        var signers = Next(keys.Signers, now, activeFrom => NewSigner(root, now, activeFrom));
        if (_upstream is not null && !signers.Any(root.HasSigned))
        {
            // The upstream CA was replaced. Its roots are published now and used once others have had time to fetch the bundle.
            signers = [.. signers, NewSigner(root, now, now + options.BundleRefreshHint)];
        }

        return ReferenceEquals(roots, keys.Roots) && ReferenceEquals(signers, keys.Signers)
            ? keys
            : new(keys.Sequence + 1, roots, signers);
    }

    /// <summary>A new signing CA that takes over at once; the old one stays valid for what it has signed.</summary>
    public AuthorityKeys ReplaceSigner(AuthorityKeys keys, DateTimeOffset now) =>
        keys with { Sequence = keys.Sequence + 1, Signers = [.. keys.Signers, NewSigner(keys.Root(now), now, now)] };

    /// <summary>How long to wait before <see cref="Advance"/> has something to do.</summary>
    public TimeSpan WaitAfter(AuthorityKeys keys, DateTimeOffset now)
    {
        var next = NextOf(keys.Signers);
        var roots = _upstream is null ? NextOf([.. keys.Roots.Where(r => r.Key is not null)]) : now + s_upstreamInterval;
        var wait = (next < roots ? next : roots) - now;
        return wait > s_shortestWait ? wait : s_shortestWait;
    }

    private static DateTimeOffset NextOf(IReadOnlyList<SigningKey> keys)
    {
        var drop = keys.Min(k => k.Lifetime.NotAfter);
        var prepare = keys[^1].Lifetime.PrepareNextAt;
        return drop < prepare ? drop : prepare;
    }

    private static IReadOnlyList<SigningKey> Next(IReadOnlyList<SigningKey> keys, DateTimeOffset now, Func<DateTimeOffset, SigningKey> create)
    {
        var valid = keys.Where(k => k.Lifetime.NotAfter > now).ToList();
        var last = valid.LastOrDefault(k => k.Key is not null);
        var isDue = last is null || last.Lifetime.PrepareNextAt <= now;
        if (isDue)
        {
            valid.Add(create(last is null || last.Lifetime.ActivateNextAt < now ? now : last.Lifetime.ActivateNextAt));
        }

        return isDue || valid.Count != keys.Count ? valid : keys;
    }

    /// <summary>The upstream CA, and those before it while something that they signed is valid.</summary>
    private static IReadOnlyList<SigningKey> UpstreamRoots(SigningKey current, AuthorityKeys keys, DateTimeOffset now)
    {
        var others = keys.Roots.Where(r => !IsSame(r, current) && r.Lifetime.NotAfter > now && keys.Signers.Any(s => s.Lifetime.NotAfter > now && r.HasSigned(s))).ToList();
        var known = keys.Roots.FirstOrDefault(r => IsSame(r, current));
        return known?.Key is not null && others.Count == keys.Roots.Count - 1 ? keys.Roots : [.. others, known is null ? current : current with { ActiveFrom = known.ActiveFrom }];
    }

    private static bool IsSame(SigningKey one, SigningKey other) =>
        one.Certificate.RawDataMemory.Span.SequenceEqual(other.Certificate.RawDataMemory.Span)
        && one.Anchors.Select(a => a.Thumbprint).SequenceEqual(other.Anchors.Select(a => a.Thumbprint));

    private SigningKey NewSigner(SigningKey root, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var jwtKey = vault.Create(options.KeyType);
        var keyId = Base64Url.EncodeToString(SHA256.HashData(jwtKey.Key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16));
        return CertificateAuthorities.NewIntermediate(options, vault, root, now, activeFrom) with { Jwt = new(keyId, jwtKey) };
    }
}
