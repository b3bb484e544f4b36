using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BenchmarkDotNet.Attributes;
using Castellan.SpiffeIdentity;

namespace Castellan.Benchmarks.Spiffe;

/// <summary>What an SVID costs, beside the raw cryptography under it.</summary>
[MemoryDiagnoser]
public class IssueBenchmarks
{
    private static readonly SpiffeId s_id = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web");
    private static readonly X500DistinguishedName s_issuer = new("O=Castellan");
    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _hash = new byte[32];
    private byte[] _signature = [];
    private Authority _authority = null!;
    private byte[] _publicKey = [];
    private X509Svid _svid = null!;
    private X509BundleSet _bundles = null!;
    private string _token = "";

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _authority = await Authority.OpenAsync(new() { TrustDomain = s_id.TrustDomain }, default);
        _publicKey = _key.ExportSubjectPublicKeyInfo();
        _svid = _authority.IssueX509(s_id);
        _bundles = new(_authority.Bundle.X509);
        _token = _authority.IssueJwt(s_id, ["a"]);
        _signature = _key.SignHash(_hash);
    }

    [Benchmark(Baseline = true)]
    public byte[] SignP256() => _key.SignHash(_hash);

    [Benchmark]
    public bool VerifyP256() => _key.VerifyHash(_hash, _signature);

    /// <summary>The least that anybody's SVID costs: the platform builds the certificate with these extensions and signs it.</summary>
    [Benchmark]
    public byte[] BuildAndSignCertificate()
    {
        var request = new CertificateRequest(new X500DistinguishedName("O=Castellan"), PublicKey.CreateFromSubjectPublicKeyInfo(_publicKey, out _), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var name = new SubjectAlternativeNameBuilder();
        name.AddUri(new Uri(s_id.ToString()));
        request.CertificateExtensions.Add(name.Build());
        using var certificate = request.Create(s_issuer, X509SignatureGenerator.CreateForECDsa(_key), _from, _from.AddHours(1), RandomNumberGenerator.GetBytes(16));
        return certificate.RawData;
    }

    [Benchmark]
    public byte[] IssueX509ForCallersKey() => _authority.IssueX509Chain(s_id, _publicKey);

    [Benchmark]
    public object IssueX509WithNewKey() => _authority.Issue(s_id, null, "");

    [Benchmark]
    public X509Svid IssueX509AndAdopt() => _authority.IssueX509(s_id);

    [Benchmark]
    public SpiffeId VerifyX509() => X509SvidVerifier.Verify(_svid.Chain, _bundles, TimeProvider.System.GetUtcNow());

    [Benchmark]
    public string IssueJwt() => _authority.IssueJwt(s_id, ["a"]);

    [Benchmark]
    public JwtSvid VerifyJwt() => JwtSvidVerifier.Verify(_token, _ => _authority.Bundle, "a", TimeProvider.System.GetUtcNow());
}
