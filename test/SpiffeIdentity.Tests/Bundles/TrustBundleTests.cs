using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity.Tests.Bundles;

public sealed class TrustBundleTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("example.org");

    [Fact]
    public async Task Parse_WhenOurOwn_RoundTrips()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        var bundle = TrustBundle.Parse(s_domain, authority.Bundle.Export());
        Assert.Equal(authority.Bundle.X509Authorities.Single().RawData, bundle.X509Authorities.Single().RawData);
        Assert.Equal(authority.Bundle.JwtAuthorities.Single().KeyId, bundle.JwtAuthorities.Single().KeyId);
        Assert.Equal((1L, TimeSpan.FromMinutes(5)), (bundle.Sequence!.Value, bundle.RefreshHint!.Value));
        Assert.Equal(authority.Bundle.Export(), bundle.Export());
        Assert.Empty(TrustBundle.Parse(s_domain, bundle.ExportJwtAuthorities()).X509Authorities);
    }

    [Fact]
    public async Task Export_WritesEveryEntryAsItsKindDemands()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        var keys = JsonNode.Parse(authority.Bundle.Export())!["keys"]!.AsArray();
        Assert.Equal(["x509-svid", "jwt-svid"], keys.Select(k => (string)k!["use"]!));
        Assert.All(keys, k => Assert.Equal("EC", (string)k!["kty"]!));
        Assert.Null(keys[0]!["kid"]);
        Assert.Single(keys[0]!["x5c"]!.AsArray());
        Assert.Null(keys[1]!["x5c"]);
        Assert.False(string.IsNullOrEmpty((string?)keys[1]!["kid"]));
    }

    [Theory]
    [InlineData(TrustBundleFault.NoKeys, """{}""")]
    [InlineData(TrustBundleFault.NoKeys, """{"keys":null}""")]
    [InlineData(TrustBundleFault.NotJson, """[]""")]
    [InlineData(TrustBundleFault.NotJson, """nothing""")]
    [InlineData(TrustBundleFault.NotJson, """{"keys":[]} {}""")]
    [InlineData(TrustBundleFault.NotJson, """{"keys":[],"x":"\udc00"}""")]
    [InlineData(TrustBundleFault.DuplicateMember, """{"keys":[],"keys":[]}""")]
    [InlineData(TrustBundleFault.DuplicateMember, """{"keys":[{"kty":"EC","use":"jwt-svid","use":"x509-svid"}]}""")]
    [InlineData(TrustBundleFault.BadSequence, """{"keys":[],"spiffe_sequence":"1"}""")]
    [InlineData(TrustBundleFault.BadSequence, """{"keys":[],"spiffe_sequence":9223372036854775808}""")]
    [InlineData(TrustBundleFault.BadRefreshHint, """{"keys":[],"spiffe_refresh_hint":1.5}""")]
    [InlineData(TrustBundleFault.BadRefreshHint, """{"keys":[],"spiffe_refresh_hint":-1}""")]
    [InlineData(TrustBundleFault.NoKeyId, """{"keys":[{"kty":"EC","use":"jwt-svid","crv":"P-256","x":"AA","y":"AA"}]}""")]
    [InlineData(TrustBundleFault.BadKey, """{"keys":[{"kty":"EC","use":"jwt-svid","kid":"k","crv":"P-256","x":"AA","y":"AA"}]}""")]
    [InlineData(TrustBundleFault.BadKey, """{"keys":[{"kty":"EC","use":"jwt-svid","kid":"k","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"}]}""")] // not on the curve
    [InlineData(TrustBundleFault.BadKey, """{"keys":[{"kty":"RSA","use":"jwt-svid","kid":"k","n":"AQ","e":"AQAB"}]}""")]
    [InlineData(TrustBundleFault.BadCertificate, """{"keys":[{"kty":"EC","use":"x509-svid","x5c":["AAAA"]}]}""")]
    [InlineData(TrustBundleFault.BadCertificate, """{"keys":[{"kty":"EC","use":"x509-svid","x5c":["not base64"]}]}""")]
    [InlineData(TrustBundleFault.BadCertificate, """{"keys":[{"kty":"EC","use":"x509-svid","x5c":[7]}]}""")]
    public void Parse_WhenMalformed_NamesTheFault(TrustBundleFault fault, string json) =>
        Assert.Equal(fault, Assert.Throws<TrustBundleException>(() => TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes(json))).Fault);

    [Fact]
    public void Parse_WhenTooLongOrNotUtf8_NamesTheFault()
    {
        Assert.Equal(TrustBundleFault.TooLong, Assert.Throws<TrustBundleException>(() => TrustBundle.Parse(s_domain, new byte[5 << 20])).Fault);
        Assert.Equal(TrustBundleFault.NotJson, Assert.Throws<TrustBundleException>(() => TrustBundle.Parse(s_domain, new byte[] { 0x22, 0xFF, 0x22 })).Fault);
    }

    [Fact]
    public void Parse_WhenExponentIsOne_Refuses()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var modulus = System.Buffers.Text.Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus);
        foreach (var (exponent, fault) in new[] { ("AQ", TrustBundleFault.BadKey), ("Ag", TrustBundleFault.BadKey) })
        {
            var json = $$"""{"keys":[{"kty":"RSA","use":"jwt-svid","kid":"k","n":"{{modulus}}","e":"{{exponent}}"}]}""";
            Assert.Equal(fault, Assert.Throws<TrustBundleException>(() => TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes(json))).Fault);
        }

        var good = TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes($$"""{"keys":[{"kty":"RSA","use":"jwt-svid","kid":"k","n":"{{modulus}}","e":"AQAB"}]}"""));
        Assert.Equal(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], good.JwtAuthorities.Single().Algorithms.Select(a => a.Name));
    }

    [Fact]
    public void Parse_WhenThereAreNoKeys_TrustsNothing()
    {
        var bundle = TrustBundle.Parse(s_domain, """{"keys":[],"spiffe_refresh_hint":600}"""u8.ToArray());
        Assert.Equal((0, 0, null, TimeSpan.FromMinutes(10)), (bundle.X509Authorities.Count, bundle.JwtAuthorities.Count, bundle.Sequence, bundle.RefreshHint));
    }

    [Fact]
    public async Task Map_WhenOurOwn_RoundTripsAndNeverMixes()
    {
        using var ours = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        using var partner = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("partner.example") }, default);
        var map = TrustBundleMap.Parse(TrustBundleMap.Export([ours.Bundle, partner.Bundle]));
        Assert.Equal(2, map.Count);
        Assert.Equal(ours.Bundle.Export(), map[s_domain].Export());
        Assert.Equal(partner.Bundle.Export(), map[partner.TrustDomain].Export());
    }

    [Theory]
    [InlineData(TrustBundleFault.NoTrustDomains, """{}""")]
    [InlineData(TrustBundleFault.NoTrustDomains, """{"trust_domains":[]}""")]
    [InlineData(TrustBundleFault.BadTrustDomain, """{"trust_domains":{"spiffe://example.org":{"keys":[]}}}""")]
    [InlineData(TrustBundleFault.NoKeys, """{"trust_domains":{"example.org":{}}}""")]
    [InlineData(TrustBundleFault.NoKeys, """{"trust_domains":{"example.org":null}}""")]
    [InlineData(TrustBundleFault.DuplicateMember, """{"trust_domains":{"example.org":{"keys":[]},"example.org":{"keys":[]}}}""")]
    public void Map_WhenMalformed_NamesTheFault(TrustBundleFault fault, string json) =>
        Assert.Equal(fault, Assert.Throws<TrustBundleException>(() => TrustBundleMap.Parse(Encoding.UTF8.GetBytes(json))).Fault);

    [Theory]
    [InlineData("""{"kty":"EC"}""")]
    [InlineData("""{"use":"jwt-svid"}""")] // no kty
    [InlineData("""{"use":"x509-svid","x5c":["AAAA"]}""")]
    [InlineData("""{"kty":"EC","use":"JWT-SVID","kid":"k"}""")]
    [InlineData("""{"kty":"EC","use":"wit-svid","kid":"k"}""")]
    [InlineData("""{"kty":"EC","use":"jwt-svid","kid":"k","crv":"secp256k1","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","use":"sig"}""")]
    [InlineData("""{"kty":"OKP","use":"jwt-svid","kid":"k"}""")]
    [InlineData("""{"kty":"oct","use":"jwt-svid","kid":"k","k":"AAAA"}""")]
    [InlineData("""{"kty":"EC","use":"x509-svid"}""")]
    [InlineData("""{"kty":"EC","use":"x509-svid","x5c":[]}""")]
    [InlineData("""7""")]
    public void Parse_WhenEntryIsOfUnknownKind_PassesItOver(string entry)
    {
        var bundle = TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes($$"""{"keys":[{{entry}}],"spiffe_sequence":9223372036854775807}"""));
        Assert.Empty(bundle.X509Authorities);
        Assert.Empty(bundle.JwtAuthorities);
        Assert.Equal(long.MaxValue, bundle.Sequence);
    }

    [Fact]
    public async Task Parse_WhenEntryHasTwoCertificates_TakesTheFirst()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        var document = JsonNode.Parse(authority.Bundle.Export())!;
        ((JsonArray)document["keys"]![0]!["x5c"]!).Add("AAAA");
        Assert.Single(TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes(document.ToJsonString())).X509Authorities);
    }
}
