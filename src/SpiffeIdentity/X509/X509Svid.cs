using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>An X.509-SVID of our own: the chain that is shown and the key that proves it.</summary>
/// <remarks>
/// Immutable and safe to share. It is not disposed at rotation: connections that stand still use it; the garbage collector
/// frees it after them. Source: X.509-SVID standard; Workload API, section 5.2.
/// </remarks>
public sealed class X509Svid
{
    private readonly Lazy<SslStreamCertificateContext> _tlsContext;

    private X509Svid(SpiffeId id, IReadOnlyList<X509Certificate2> chain, string hint)
    {
        Id = id;
        Chain = chain;
        Hint = hint;
        _tlsContext = new(() => SslStreamCertificateContext.Create(chain[0], [.. chain.Skip(1)], offline: true));
    }

    /// <summary>Who this proves to be.</summary>
    public SpiffeId Id { get; }

    /// <summary>Leaf first (it carries the private key), then the intermediates.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; }

    /// <summary>The leaf with its private key.</summary>
    public X509Certificate2 Leaf => Chain[0];

    /// <summary>Operator-set label; empty when none is set.</summary>
    public string Hint { get; }

    /// <summary>First moment of validity.</summary>
    public DateTimeOffset NotBefore => new(Leaf.NotBefore.ToUniversalTime());

    /// <summary>Last moment of validity.</summary>
    public DateTimeOffset NotAfter => new(Leaf.NotAfter.ToUniversalTime());

    /// <summary>The chain prepared for TLS once, at the first handshake, so that all others only use it.</summary>
    public SslStreamCertificateContext TlsContext => _tlsContext.Value;

    /// <summary>Reads an SVID of our own and holds it to the standard.</summary>
    /// <param name="chain">DER certificates, leaf first, concatenated.</param>
    /// <param name="pkcs8">The leaf's private key, PKCS#8, unencrypted.</param>
    /// <param name="hint">Operator-set label.</param>
    /// <exception cref="X509SvidException">A rule is broken; <see cref="X509SvidException.Fault"/> says which.</exception>
    public static X509Svid Parse(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> pkcs8, string hint = "")
    {
        var certificates = DerCertificates.Parse(chain);
        if (certificates.Count == 0)
        {
            throw new X509SvidException(X509SvidFault.ChainEmpty, "the SVID holds no certificate; send the leaf first");
        }

        var id = X509SvidProfile.CheckLeaf(certificates[0]);
        X509SvidProfile.CheckOwnLeaf(certificates[0], id);
        foreach (var signer in certificates.Skip(1))
        {
            X509SvidProfile.CheckOwnSigner(signer);
        }

        return new(id, [WithKey(certificates[0], pkcs8, id), .. certificates.Skip(1)], hint);
    }

    /// <summary>The chain as the Workload API carries it: DER, concatenated, leaf first.</summary>
    public byte[] ExportChain() => DerCertificates.Concatenate(Chain);

    /// <summary>The private key as the Workload API carries it: PKCS#8, unencrypted. Secret.</summary>
    public byte[] ExportPkcs8()
    {
        using var key = (AsymmetricAlgorithm?)Leaf.GetECDsaPrivateKey() ?? Leaf.GetRSAPrivateKey();
        return key!.ExportPkcs8PrivateKey();
    }

    /// <summary>The ID and the end of validity; never the key.</summary>
    public override string ToString() => $"{Id} until {NotAfter:O}";

    private static X509Certificate2 WithKey(X509Certificate2 leaf, ReadOnlySpan<byte> pkcs8, SpiffeId id)
    {
        try
        {
            if (leaf.GetECDsaPublicKey() is { } ecPublic)
            {
                ecPublic.Dispose();
                using var ec = ECDsa.Create();
                Import(ec, pkcs8);
                return leaf.CopyWithPrivateKey(ec);
            }

            using var rsa = RSA.Create();
            Import(rsa, pkcs8);
            return leaf.CopyWithPrivateKey(rsa);
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException) // the latter: a curve that the platform does not know
        {
            throw new X509SvidException(X509SvidFault.BadKey, $"the key of {id} is no unencrypted PKCS#8 key of the leaf's algorithm; check what was sent", e);
        }
        catch (ArgumentException e)
        {
            throw new X509SvidException(X509SvidFault.KeyMismatch, $"the key of {id} does not belong to its certificate; fetch both again", e);
        }
    }

    private static void Import(AsymmetricAlgorithm key, ReadOnlySpan<byte> pkcs8)
    {
        key.ImportPkcs8PrivateKey(pkcs8, out var read);
        if (read != pkcs8.Length)
        {
            throw new CryptographicException("bytes trail the key");
        }
    }
}
