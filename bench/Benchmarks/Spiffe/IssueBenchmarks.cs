using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Castellan.SpiffeIdentity;

namespace Castellan.Benchmarks.Spiffe;

/// <summary>What an SVID costs, beside the raw cryptography under it.</summary>
[MemoryDiagnoser]
public class IssueBenchmarks
{
    private static readonly SpiffeId s_id = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _hash = new byte[32];
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
    }

    [Benchmark(Baseline = true)]
    public byte[] SignP256() => _key.SignHash(_hash);

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
