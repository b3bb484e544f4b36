using System.Buffers.Text;
using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>Brings the keys of an authority up to a moment: drops what has expired, prepares what comes next.</summary>
internal sealed class AuthorityRotation(AuthorityOptions options)
{
    /// <summary>The keys for <paramref name="now"/>; the same object when nothing was to be done.</summary>
    public AuthorityKeys Advance(AuthorityKeys keys, DateTimeOffset now)
    {
        var roots = Next(keys.Roots, now, activeFrom => CertificateAuthorities.NewRoot(options, now, activeFrom));
        var afterRoots = keys with { Roots = roots };
        var signers = Next(keys.Signers, now, activeFrom => NewSigner(afterRoots.Root(now), now, activeFrom));
        return ReferenceEquals(roots, keys.Roots) && ReferenceEquals(signers, keys.Signers)
            ? keys
            : new(keys.Sequence + 1, roots, signers);
    }

    /// <summary>A new signing CA that takes over at once; the old one stays valid for what it has signed.</summary>
    public AuthorityKeys ReplaceSigner(AuthorityKeys keys, DateTimeOffset now) =>
        keys with { Sequence = keys.Sequence + 1, Signers = [.. keys.Signers, NewSigner(keys.Root(now), now, now)] };

    private static IReadOnlyList<SigningKey> Next(IReadOnlyList<SigningKey> keys, DateTimeOffset now, Func<DateTimeOffset, SigningKey> create)
    {
        var valid = keys.Where(k => k.Lifetime.NotAfter > now).ToList();
        var last = valid.LastOrDefault();
        var isDue = last is null || last.Lifetime.PrepareNextAt <= now;
        if (isDue)
        {
            valid.Add(create(last is null || last.Lifetime.ActivateNextAt < now ? now : last.Lifetime.ActivateNextAt));
        }

        return isDue || valid.Count != keys.Count ? valid : keys;
    }

    private SigningKey NewSigner(SigningKey root, DateTimeOffset now, DateTimeOffset activeFrom)
    {
        var jwtKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keyId = Base64Url.EncodeToString(SHA256.HashData(jwtKey.ExportSubjectPublicKeyInfo()).AsSpan(0, 16));
        return CertificateAuthorities.NewIntermediate(options, root, now, activeFrom) with { Jwt = new(keyId, jwtKey) };
    }
}
