using System.IdentityModel.Tokens.Jwt;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Castellan.SpiffeIdentity.Tests.Fuzz;

/// <summary>A second library judges what we issue and what we refuse.</summary>
public sealed class JwtCrossCheckTests
{
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://example.org/web");

    [Theory]
    [InlineData(AuthorityKeyType.EcP256)]
    [InlineData(AuthorityKeyType.EcP384)]
    [InlineData(AuthorityKeyType.Rsa2048)]
    public async Task IssueJwt_WithEveryKindOfKey_IsAcceptedByTheOtherLibrary(AuthorityKeyType type)
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_web.TrustDomain, KeyType = type }, default);
        Assert.True(TheirsAccepts(authority.IssueJwt(s_web, ["a"]), authority.Bundle, "a"));
        Assert.False(TheirsAccepts(authority.IssueJwt(s_web, ["b"]), authority.Bundle, "a"));
    }

    [Fact]
    public async Task Verify_OfDamagedTokens_AcceptsNothingThatTheOtherLibraryRefuses()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_web.TrustDomain }, default);
        var mutator = new Mutator(7);
        for (var i = 0; i < 300; i++)
        {
            var token = authority.IssueJwt(s_web, ["a"]);
            var damaged = i % 10 == 0 ? token : System.Text.Encoding.Latin1.GetString(mutator.Damage(System.Text.Encoding.ASCII.GetBytes(token)));
            var ours = OursAccepts(damaged, authority.Bundle);
            Assert.Equal(damaged == token, ours);
            Assert.True(!ours || TheirsAccepts(damaged, authority.Bundle, "a"));
        }
    }

    private static bool OursAccepts(string token, TrustBundle bundle)
    {
        try
        {
            JwtSvidVerifier.Verify(token, _ => bundle, "a", TimeProvider.System.GetUtcNow());
            return true;
        }
        catch (JwtSvidException)
        {
            return false;
        }
    }

    private static bool TheirsAccepts(string token, TrustBundle bundle, string audience)
    {
        var keys = bundle.JwtAuthorities.Select(a => a.PublicKey is ECDsa ec ? (SecurityKey)new ECDsaSecurityKey(ec) { KeyId = a.KeyId } : new RsaSecurityKey((RSA)a.PublicKey) { KeyId = a.KeyId });
        try
        {
            new JwtSecurityTokenHandler { MapInboundClaims = false }.ValidateToken(token, new() { ValidateIssuer = false, ValidAudience = audience, IssuerSigningKeys = keys }, out _);
            return true;
        }
        catch (Exception e) when (e is SecurityTokenException or ArgumentException)
        {
            return false;
        }
    }
}
