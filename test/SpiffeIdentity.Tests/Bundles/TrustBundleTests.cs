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

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"keys":null}""")]
    [InlineData("""[]""")]
    [InlineData("""nothing""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    [InlineData("""{"keys":[],"spiffe_sequence":"1"}""")]
    [InlineData("""{"keys":[],"spiffe_refresh_hint":1.5}""")]
    [InlineData("""{"keys":[{"kty":"EC","use":"jwt-svid","crv":"P-256","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","use":"jwt-svid","kid":"k","crv":"P-256","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","use":"x509-svid","x5c":["AAAA"]}]}""")]
    public void Parse_WhenMalformed_Throws(string json) =>
        Assert.Throws<TrustBundleException>(() => TrustBundle.Parse(s_domain, Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"kty":"EC"}""")]
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
