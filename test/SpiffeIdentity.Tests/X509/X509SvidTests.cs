using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity.Tests.X509;

/// <summary>What we demand of SVIDs that we show ourselves.</summary>
public sealed class X509SvidTests
{
    private static readonly Forged s_root = Forged.Root();

    public static TheoryData<X509SvidFault, string> Leaves => new()
    {
        { X509SvidFault.NoPath, "spiffe://example.org" },
        { X509SvidFault.BadSpiffeId, "sparfe://example.org/a" },
    };

    [Fact]
    public void Parse_WhenRight_RoundTrips()
    {
        var leaf = s_root.Leaf();
        var svid = X509Svid.Parse(leaf.Certificate.RawData, leaf.Key.ExportPkcs8PrivateKey(), "internal");
        Assert.Equal(("spiffe://example.org/web", "internal"), (svid.Id.ToString(), svid.Hint));
        Assert.Equal(leaf.Certificate.RawData, svid.ExportChain());
        Assert.True(svid.Leaf.HasPrivateKey);
        Assert.Equal(svid.Id, X509Svid.Parse(svid.ExportChain(), svid.ExportPkcs8()).Id);
    }

    [Theory]
    [MemberData(nameof(Leaves))]
    public void Parse_WhenIdIsWrong_NamesTheFault(X509SvidFault fault, string uri) => AssertFault(fault, new() { Uris = [uri] });

    [Fact]
    public void Parse_WhenKeyUsageIsWrong_NamesTheFault()
    {
        AssertFault(X509SvidFault.NoKeyUsage, new() { Usage = null }); // 16
        AssertFault(X509SvidFault.KeyUsageNotCritical, new() { UsageCritical = false });
        AssertFault(X509SvidFault.NoDigitalSignature, new() { Usage = X509KeyUsageFlags.KeyEncipherment }); // 15
        AssertFault(X509SvidFault.LeafHasKeyCertSign, new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign });
        AssertFault(X509SvidFault.BadExtendedKeyUsage, new() { Purposes = ["1.3.6.1.5.5.7.3.2"] }); // 18
        AssertFault(X509SvidFault.NameNotCritical, new() { Subject = "" });
        AssertFault(X509SvidFault.LeafIsCa, new() { IsCa = true });
        AssertFault(X509SvidFault.LeafHasCrlSign, new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.CrlSign });
    }

    [Fact]
    public void Parse_WhenKeyUsageAllowsMore_Accepts()
    {
        var leaf = s_root.Leaf(new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyAgreement, Purposes = [] });
        Assert.Equal("/web", X509Svid.Parse(leaf.Certificate.RawData, leaf.Key.ExportPkcs8PrivateKey()).Id.Path); // 14 and 17
        var unnamed = s_root.Leaf(new() { Subject = "", NamesCritical = true });
        Assert.Equal("/web", X509Svid.Parse(unnamed.Certificate.RawData, unnamed.Key.ExportPkcs8PrivateKey()).Id.Path); // 26
    }

    [Fact]
    public void Parse_WhenAnExtensionIsDoubledOrMalformed_NamesTheFault()
    {
        var leaf = s_root.Leaf();
        AssertExtension(X509SvidFault.DuplicateExtension, ("2.5.29.15", true, [3, 2, 7, 0x80]));
        AssertExtension(X509SvidFault.DuplicateExtension, ("2.5.29.17", false, LeafCertificate.UriName(SpiffeId.Parse("spiffe://example.org/other"))));
        AssertExtension(X509SvidFault.MalformedExtension, ("2.5.29.37", false, [1, 2, 3]), new() { Purposes = [] });
        AssertExtension(X509SvidFault.MalformedExtension, ("2.5.29.15", true, [0x30, 0]), new() { Usage = null });
        AssertExtension(X509SvidFault.MalformedExtension, ("2.5.29.17", false, [0x30, 0x03, 0x86, 0x01, 0xFF]), new() { Uris = [] }); // not ASCII
        AssertExtension(X509SvidFault.MalformedExtension, ("2.5.29.17", false, [.. LeafCertificate.UriName(SpiffeId.Parse("spiffe://example.org/a")), 0]), new() { Uris = [] });

        void AssertExtension(X509SvidFault fault, (string, bool, byte[]) extension, LeafShape? shape = null)
        {
            var forged = (shape is null ? leaf : s_root.Leaf(shape)).Append(s_root, extension);
            Assert.Equal(fault, FaultOf(forged.Certificate.RawData, forged.Key.ExportPkcs8PrivateKey()));
        }
    }

    [Fact]
    public void Parse_WhenSignerIsNoCa_NamesTheFault()
    {
        AssertSigner(X509SvidFault.SignerIsNotCa, s_root.Ca(isCa: false)); // 31
        AssertSigner(X509SvidFault.SignerHasNoKeyCertSign, s_root.Ca(usage: X509KeyUsageFlags.DigitalSignature)); // 32
        AssertSigner(X509SvidFault.SignerKeyUsageNotCritical, s_root.Ca(usageCritical: false));
        AssertSigner(X509SvidFault.SignerHasPath, s_root.Ca(more: r =>
            r.CertificateExtensions.Add(new X509Extension("2.5.29.17", LeafCertificate.UriName(SpiffeId.Parse("spiffe://example.org/web")), false))));
    }

    [Fact]
    public void Parse_WhenSignersIdIsTheTrustDomains_Accepts()
    {
        var signer = s_root.Ca(more: r => r.CertificateExtensions.Add(new X509Extension("2.5.29.17", LeafCertificate.UriName(TrustDomain.Parse("example.org").Id), false)));
        var leaf = signer.Leaf();
        Assert.Equal(2, X509Svid.Parse([.. leaf.Certificate.RawData, .. signer.Certificate.RawData], leaf.Key.ExportPkcs8PrivateKey()).Chain.Count);
    }

    [Fact]
    public void Parse_WhenKeyIsWrong_NamesTheFault()
    {
        var leaf = s_root.Leaf();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var right = leaf.Key.ExportPkcs8PrivateKey();
        Assert.Equal(X509SvidFault.KeyMismatch, FaultOf(leaf.Certificate.RawData, other.ExportPkcs8PrivateKey())); // 33
        Assert.Equal(X509SvidFault.BadKey, FaultOf(leaf.Certificate.RawData, leaf.Key.ExportECPrivateKey())); // 34
        Assert.Equal(X509SvidFault.BadKey, FaultOf(leaf.Certificate.RawData, rsa.ExportPkcs8PrivateKey()));
        Assert.Equal(X509SvidFault.BadKey, FaultOf(leaf.Certificate.RawData, [.. right, 0]));
        var curve = right.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]);
        var unknownCurve = right.ToArray();
        unknownCurve[curve + 3] ^= 1;
        Assert.Equal(X509SvidFault.BadKey, FaultOf(leaf.Certificate.RawData, unknownCurve));
        Assert.Equal(X509SvidFault.BadKey, FaultOf(leaf.Certificate.RawData, []));
    }

    [Fact]
    public void Parse_WhenBytesAreNoCertificates_NamesTheFault()
    {
        var leaf = s_root.Leaf();
        var key = leaf.Key.ExportPkcs8PrivateKey();
        Assert.Equal(X509SvidFault.ChainEmpty, FaultOf([], key)); // 23
        Assert.Equal(X509SvidFault.BadEncoding, FaultOf([1, 2, 3], key)); // 35
        Assert.Equal(X509SvidFault.BadEncoding, FaultOf([.. leaf.Certificate.RawData, 0], key));
        Assert.Equal(X509SvidFault.BadEncoding, FaultOf(leaf.Certificate.RawData[..^1], key));
    }

    private static void AssertFault(X509SvidFault fault, LeafShape shape)
    {
        var leaf = s_root.Leaf(shape);
        Assert.Equal(fault, FaultOf(leaf.Certificate.RawData, leaf.Key.ExportPkcs8PrivateKey()));
    }

    private static void AssertSigner(X509SvidFault fault, Forged signer)
    {
        var leaf = signer.Leaf();
        Assert.Equal(fault, FaultOf([.. leaf.Certificate.RawData, .. signer.Certificate.RawData], leaf.Key.ExportPkcs8PrivateKey()));
    }

    private static X509SvidFault FaultOf(byte[] chain, byte[] key) => Assert.Throws<X509SvidException>(() => X509Svid.Parse(chain, key)).Fault;
}
