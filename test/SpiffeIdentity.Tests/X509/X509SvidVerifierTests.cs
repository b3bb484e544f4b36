using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity.Tests.X509;

/// <summary>The case list of the X.509-SVID standard for chains that peers show; numbers as in the list.</summary>
public sealed class X509SvidVerifierTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("example.org");

    public static TheoryData<int> AcceptedCases => [1, 2, 8, 14, 15, 16, 17, 18, 26, 30];

    public static TheoryData<int, X509SvidFault> RefusedCases => new()
    {
        { 3, X509SvidFault.Untrusted },
        { 4, X509SvidFault.SignerIsNotCa },
        { 5, X509SvidFault.SeveralUriNames },
        { 6, X509SvidFault.SeveralUriNames },
        { 7, X509SvidFault.NoUriName },
        { 9, X509SvidFault.BadSpiffeId },
        { 10, X509SvidFault.NoPath },
        { 11, X509SvidFault.LeafIsCa },
        { 12, X509SvidFault.LeafHasKeyCertSign },
        { 13, X509SvidFault.LeafHasCrlSign },
        { 19, X509SvidFault.Expired },
        { 20, X509SvidFault.NotYetValid },
        { 21, X509SvidFault.BadSignature },
        { 22, X509SvidFault.Untrusted },
        { 23, X509SvidFault.ChainEmpty },
        { 24, X509SvidFault.NoBundle },
        { 25, X509SvidFault.NoBundle },
        { 27, X509SvidFault.Expired },
        { 28, X509SvidFault.PathTooLong },
        { 29, X509SvidFault.OutsideNameConstraints },
        { 31, X509SvidFault.SignerIsNotCa },
        { 32, X509SvidFault.SignerHasNoKeyCertSign },
    };

    [Theory]
    [MemberData(nameof(AcceptedCases))]
    public void Verify_WhenChainIsRight_GivesTheId(int number)
    {
        var (chain, bundles) = Case(number);
        Assert.Equal("spiffe://example.org/web", X509SvidVerifier.Verify(chain, bundles, Forged.Now).ToString());
    }

    [Theory]
    [MemberData(nameof(RefusedCases))]
    public void Verify_WhenChainIsWrong_NamesTheFault(int number, X509SvidFault fault)
    {
        var (chain, bundles) = Case(number);
        var error = Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify(chain, bundles, Forged.Now));
        Assert.Equal(fault, error.Fault);
        Assert.Contains(";", error.Message);
    }

    [Fact]
    public void Verify_WhenPeerSendsAnAuthorityOfItsOwn_Refuses()
    {
        var (mine, theirs) = (Forged.Root(), Forged.Root());
        Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify([theirs.Leaf().Certificate, theirs.Certificate], Bundles(mine), Forged.Now));
    }

    [Fact]
    public void Verify_WhenLeafItselfIsInTheBundle_Refuses()
    {
        var leaf = Forged.Root().Leaf();
        Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify([leaf.Certificate], Bundles(leaf), Forged.Now));
    }

    [Fact]
    public void Verify_WhenAuthorityHasAnotherName_IsUntrusted() =>
        Assert.Equal(X509SvidFault.Untrusted, FaultOf(Forged.Root("theirs").Leaf().Certificate, Bundles(Forged.Root("ours"))));

    [Fact]
    public void Verify_WhenSignatureIsWrong_NamesTheFault()
    {
        var root = Forged.Root();
        var bytes = root.Leaf().Certificate.RawData;
        bytes[^1] ^= 1;
        using var damaged = X509CertificateLoader.LoadCertificate(bytes);
        Assert.Equal(X509SvidFault.BadSignature, FaultOf(damaged, Bundles(root)));
    }

    [Fact]
    public void Verify_WhenLeafHasAnUnknownCriticalExtension_NamesTheFault()
    {
        var root = Forged.Root();
        Assert.Equal(X509SvidFault.UnknownCriticalExtension, FaultOf(root.Leaf().Append(root, ("1.2.3.4.5", true, [5, 0])).Certificate, Bundles(root)));
        Assert.Equal("/web", X509SvidVerifier.Verify([root.Leaf().Append(root, ("1.2.3.4.5", false, [5, 0])).Certificate], Bundles(root), Forged.Now).Path);
    }

    [Fact]
    public void Verify_WhenAnExtensionIsDoubled_NamesTheFault()
    {
        var root = Forged.Root();
        var doubled = root.Leaf().Append(root, ("2.5.29.17", false, LeafCertificate.UriName(SpiffeId.Parse("spiffe://example.org/admin"))));
        Assert.Equal(X509SvidFault.DuplicateExtension, FaultOf(doubled.Certificate, Bundles(root)));
    }

    [Fact]
    public void Verify_WhenNameConstraintPermitsTheTrustDomain_Accepts()
    {
        var root = Forged.Root();
        var middle = root.Ca(more: r => r.CertificateExtensions.Add(Forged.PermittedUriHost("example.org")));
        Assert.Equal("/web", X509SvidVerifier.Verify([middle.Leaf().Certificate, middle.Certificate], Bundles(root), Forged.Now).Path);
    }

    [Fact]
    public void Verify_WhenOtherDomainsBundleIsHeldToo_NeverMixesThem()
    {
        var (ours, partner) = (Forged.Root("a"), Forged.Root("b"));
        var bundles = new X509BundleSet(Bundle(ours), new X509Bundle(TrustDomain.Parse("partner.example"), [partner.Certificate]));
        Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify([partner.Leaf().Certificate], bundles, Forged.Now));
        var theirs = partner.Leaf(new() { Uris = ["spiffe://partner.example/x"] });
        Assert.Equal("partner.example", X509SvidVerifier.Verify([theirs.Certificate], bundles, Forged.Now).TrustDomain.Name);
    }

    private static X509SvidFault FaultOf(X509Certificate2 leaf, X509BundleSet bundles) =>
        Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify([leaf], bundles, Forged.Now)).Fault;

    private static (IReadOnlyList<X509Certificate2> Chain, X509BundleSet Bundles) Case(int number)
    {
        var root = Forged.Root();
        return number switch
        {
            1 => Under(root, new()),
            >= 5 and <= 20 => Under(root, Shape(number)),
            22 => Foreign(root),
            23 => ([], Bundles(root)),
            24 => ([root.Leaf().Certificate], new(new X509Bundle(s_domain, []))),
            25 => ([root.Leaf().Certificate], new()),
            26 => Under(root, new() { Subject = "", NamesCritical = true }),
            21 => ([root.Leaf().Certificate], Bundles(Forged.Root())),
            _ => Chained(number, root),
        };
    }

    private static LeafShape Shape(int number) => number switch
    {
        5 => new() { Uris = ["spiffe://example.org/web", "spiffe://example.org/other"] },
        6 => new() { Uris = ["spiffe://example.org/web", "https://example.org"] },
        7 => new() { Uris = [], Dns = ["example.org"] },
        8 => new() { Dns = ["a.example.org", "b.example.org"] },
        9 => new() { Uris = ["sparfe://example.org/web"] },
        10 => new() { Uris = ["spiffe://example.org"] },
        11 => new() { IsCa = true },
        12 => new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign },
        13 => new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.CrlSign },
        14 => new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyAgreement },
        15 => new() { Usage = X509KeyUsageFlags.KeyEncipherment },
        16 => new() { Usage = null },
        17 => new() { Purposes = [] },
        18 => new() { Purposes = ["1.3.6.1.5.5.7.3.2"] },
        19 => new() { NotBefore = Forged.Now.AddMinutes(-30), NotAfter = Forged.Now.AddMinutes(-1) },
        _ => new() { NotBefore = Forged.Now.AddMinutes(1) },
    };

    private static (IReadOnlyList<X509Certificate2> Chain, X509BundleSet Bundles) Chained(int number, Forged root)
    {
        var top = number == 28 ? Forged.Root(pathLength: 0) : root;
        var middle = number switch
        {
            4 or 31 => top.Ca(isCa: false),
            32 => top.Ca(usage: X509KeyUsageFlags.DigitalSignature),
            27 => top.Ca(notAfter: Forged.Now.AddMinutes(-1)),
            29 => top.Ca(more: r => r.CertificateExtensions.Add(Forged.PermittedUriHost("other.example"))),
            _ => top.Ca(),
        };
        var leaf = middle.Leaf().Certificate;
        return number switch
        {
            3 => ([leaf], Bundles(top)),
            30 => ([leaf], Bundles(middle)), // the anchor is not self-signed
            _ => ([leaf, middle.Certificate], Bundles(top)),
        };
    }

    private static (IReadOnlyList<X509Certificate2> Chain, X509BundleSet Bundles) Foreign(Forged root) =>
        ([root.Leaf(new() { Uris = ["spiffe://partner.example/x"] }).Certificate],
            new(Bundle(root), new X509Bundle(TrustDomain.Parse("partner.example"), [Forged.Root("partner").Certificate])));

    private static (IReadOnlyList<X509Certificate2> Chain, X509BundleSet Bundles) Under(Forged root, LeafShape shape) =>
        ([root.Leaf(shape).Certificate], Bundles(root));

    private static X509BundleSet Bundles(Forged root) => new(Bundle(root));

    private static X509Bundle Bundle(Forged root) => new(s_domain, [root.Certificate]);
}
