using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.SpiffeIdentity.Tests.Delegation;

/// <summary>What a tool server takes as delegated authority, claim by claim.</summary>
public sealed class DelegationTokenTests
{
    private const string Thumbprint = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long s_unix = s_now.ToUnixTimeSeconds();
    private static readonly SpiffeId s_tools = SpiffeId.Parse("spiffe://example.org/tools");
    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly TrustBundle s_bundle = new(s_tools.TrustDomain, [], [new("k1", s_key)]);

    public static TheoryData<string, DelegationFault, string> Refused => new()
    {
        { "type", DelegationFault.NotBelieved, Token(Claims(), type: "JWT") }, // a JWT-SVID for this very server
        { "no type", DelegationFault.NotBelieved, Token(Claims(), header: """{"alg":"ES256","kid":"k1"}""") },
        { "jku", DelegationFault.NotBelieved, Token(Claims(), header: """{"alg":"ES256","kid":"k1","typ":"at+jwt","jku":"https://evil.example"}""") },
        { "none", DelegationFault.NotBelieved, Token(Claims(), header: """{"alg":"none","kid":"k1","typ":"at+jwt"}""") },
        { "unknown key", DelegationFault.NotBelieved, Token(Claims(), header: """{"alg":"ES256","kid":"k2","typ":"at+jwt"}""") },
        { "forged", DelegationFault.NotBelieved, Token(Claims(), key: ECDsa.Create(ECCurve.NamedCurves.nistP256)) },
        { "other audience", DelegationFault.NotBelieved, Token(Claims(aud: "\"spiffe://example.org/other\"")) },
        { "two audiences", DelegationFault.NotBelieved, Token(Claims(aud: "[\"spiffe://example.org/tools\",\"spiffe://example.org/other\"]")) },
        { "no audience", DelegationFault.NotBelieved, Token(Claims(aud: "[]")) },
        { "expired", DelegationFault.NotBelieved, Token(Claims(exp: $"{s_unix - 61}")) },
        { "no expiry", DelegationFault.NotBelieved, Token(Claims(exp: "null")) },
        { "issued in the future", DelegationFault.NotBelieved, Token(Claims(more: $",\"iat\":{s_unix + 600}")) },
        { "other sender", DelegationFault.OtherSender, Token(Claims(cnf: """{"x5t#S256":"another"}""")) },
        { "no sender", DelegationFault.BadClaim, Token(Claims(cnf: "{}")) },
        { "sender is a text", DelegationFault.BadClaim, Token(Claims(cnf: "\"x\"")) },
        { "no client", DelegationFault.BadClaim, Token(Claims(client: "\"gateway\"")) },
        { "no subject", DelegationFault.BadClaim, Token(Claims(sub: "\"\"")) },
        { "subject is a number", DelegationFault.BadClaim, Token(Claims(sub: "1")) },
        { "groups are a text", DelegationFault.BadClaim, Token(Claims(more: ",\"groups\":\"admins\"")) },
        { "run is a number", DelegationFault.BadClaim, Token(Claims(more: ",\"run\":1")) },
        { "actor is a text", DelegationFault.BadClaim, Token(Claims(more: ",\"act\":\"spiffe://example.org/agent\"")) },
        { "actor is nobody", DelegationFault.BadClaim, Token(Claims(more: ",\"act\":{\"sub\":\"agent\"}")) },
        { "actor without sub", DelegationFault.BadClaim, Token(Claims(more: ",\"act\":{}")) },
        { "too many actors", DelegationFault.TooManyActors, Token(Claims(more: "," + Act(DelegationToken.MaxActors + 1))) },
        { "subject twice", DelegationFault.NotBelieved, Token(Claims(more: ",\"sub\":\"root\"")) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Verify_WhenARuleIsBroken_NamesIt(string name, DelegationFault fault, string token)
    {
        var error = Assert.Throws<DelegationException>(() => Verify(token));
        Assert.True(fault == error.Fault, $"{name}: {error.Message}");
        Assert.DoesNotContain(token[..20], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_WhenAllIsRight_SaysWhoActsForWhom()
    {
        var said = Verify(Token(Claims(more: $",\"run\":\"r\",\"groups\":[\"a\",\"b\"],{Act(DelegationToken.MaxActors)}")));
        Assert.Equal(("you", "r", s_now.AddMinutes(5)), (said.Subject, said.Run, said.Expiry));
        Assert.Equal(["a", "b"], said.Groups);
        Assert.Equal(["spiffe://example.org/agent-1", "spiffe://example.org/agent-2", "spiffe://example.org/agent-3", "spiffe://example.org/agent-4"], said.Actors.Select(a => a.ToString()));
    }

    [Fact]
    public void Verify_WhenTheTrustDomainIsNotBelieved_IsRefused() =>
        Assert.Equal(DelegationFault.NotBelieved, Assert.Throws<DelegationException>(() => DelegationToken.Verify(Token(Claims()), _ => null, s_tools, Thumbprint, s_now)).Fault);

    [Fact]
    public async Task Issue_GivesWhatVerifies_AndIsNoJwtSvid()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_tools.TrustDomain, TimeProvider = new ManualTimeProvider(s_now) }, default);
        var (token, issued) = authority.IssueDelegation(new()
        {
            Subject = "you", Audience = s_tools, Client = SpiffeId.Parse("spiffe://example.org/gateway"), CertificateThumbprint = Thumbprint,
            Actors = [SpiffeId.Parse("spiffe://example.org/agent")], Run = "r", Expiry = DateTimeOffset.MaxValue,
        });
        Assert.Equal(issued.ToString(), DelegationToken.Verify(token, _ => authority.Bundle, s_tools, Thumbprint, s_now).ToString());
        Assert.Equal(s_now.AddMinutes(5), issued.Expiry);
        var error = Assert.Throws<JwtSvidException>(() => JwtSvidVerifier.Verify(token, _ => authority.Bundle, s_tools.ToString(), s_now));
        Assert.Equal(JwtSvidFault.BadType, error.Fault);
        var svid = authority.IssueJwt(SpiffeId.Parse("spiffe://example.org/agent"), [s_tools.ToString()]);
        Assert.Throws<DelegationException>(() => DelegationToken.Verify(svid, _ => authority.Bundle, s_tools, Thumbprint, s_now));
    }

    private static DelegatedAuthority Verify(string token) => DelegationToken.Verify(token, _ => s_bundle, s_tools, Thumbprint, s_now);

    private static string Claims(
        string sub = "\"you\"", string aud = "\"spiffe://example.org/tools\"", string client = "\"spiffe://example.org/gateway\"", string? exp = null, string? cnf = null, string more = "") =>
        $$"""{"sub":{{sub}},"aud":{{aud}},"client_id":{{client}},"exp":{{exp ?? $"{s_unix + 300}"}},"cnf":{{cnf ?? $$"""{"x5t#S256":"{{Thumbprint}}"}"""}}{{more}}}""";

    private static string Act(int depth) =>
        string.Concat(Enumerable.Range(1, depth).Select(i => $"{(i == 1 ? "" : ",")}\"act\":{{\"sub\":\"spiffe://example.org/agent-{i}\"")) + new string('}', depth);

    private static string Token(string claims, string type = "at+jwt", string? header = null, ECDsa? key = null)
    {
        var input = $"{Base64(header ?? $$"""{"alg":"ES256","kid":"k1","typ":"{{type}}"}""")}.{Base64(claims)}";
        var signature = (key ?? s_key).SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Base64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
