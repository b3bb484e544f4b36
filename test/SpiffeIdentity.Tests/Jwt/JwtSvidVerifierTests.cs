using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.SpiffeIdentity.Tests.Jwt;

/// <summary>The case list of the JWT-SVID standard (ES256 key k1 of example.org, audience a); numbers as in the list.</summary>
public sealed class JwtSvidVerifierTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long s_unix = s_now.ToUnixTimeSeconds();
    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa s_other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly TrustBundle s_bundle = new(TrustDomain.Parse("example.org"), [], [new("k1", s_key)]);
    private static readonly string s_claims = $$"""{"sub":"spiffe://example.org/web","aud":["a"],"exp":{{s_unix + 60}}}""";

    public static TheoryData<string, string> Accepted => new()
    {
        { Header(), s_claims },
        { Header(), Claims("\"aud\":\"a\"") },
        { Header(), Claims("\"aud\":[\"b\",\"a\"]") },
        { """{"alg":"ES256","kid":"k1"}""", s_claims },
        { Header("JOSE"), s_claims },
        { Header(), Claims("\"aud\":[\"a\"]", exp: $"{s_unix + 60}.5") }, // 22
        { Header(), Claims("\"aud\":[\"a\"]", exp: $"{s_unix - 30}") }, // within the leeway
    };

    public static TheoryData<JwtSvidFault, string, string> Refused => new()
    {
        { JwtSvidFault.BadType, Header("jwt"), s_claims },
        { JwtSvidFault.BadType, Header("at+jwt"), s_claims },
        { JwtSvidFault.BadType, Header("wit+jwt"), s_claims },
        { JwtSvidFault.BadType, """{"alg":"ES256","kid":"k1","typ":1}""", s_claims },
        { JwtSvidFault.NoKeyId, """{"alg":"ES256","typ":"JWT"}""", s_claims },
        { JwtSvidFault.UnknownKey, """{"alg":"ES256","kid":"k2"}""", s_claims },
        { JwtSvidFault.KeyMismatch, """{"alg":"ES384","kid":"k1"}""", s_claims }, // 12
        { JwtSvidFault.KeyMismatch, """{"alg":"RS256","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"alg":"none","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"alg":"HS256","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"alg":"EdDSA","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"kid":"k1"}""", s_claims },
        { JwtSvidFault.NoAudience, Header(), Claims("\"x\":1") }, // 16
        { JwtSvidFault.NoAudience, Header(), Claims("\"aud\":[]") },
        { JwtSvidFault.NoAudience, Header(), Claims("\"aud\":\"\"") },
        { JwtSvidFault.BadAudience, Header(), Claims("\"aud\":[\"a\",1]") },
        { JwtSvidFault.OtherAudience, Header(), Claims("\"aud\":[\"A\"]") },
        { JwtSvidFault.NoExpiry, Header(), """{"sub":"spiffe://example.org/web","aud":["a"]}""" }, // 19
        { JwtSvidFault.Expired, Header(), Claims("\"aud\":[\"a\"]", exp: $"{s_unix - 120}") },
        { JwtSvidFault.BadTime, Header(), Claims("\"aud\":[\"a\"]", exp: $"\"{s_unix + 60}\"") },
        { JwtSvidFault.BadTime, Header(), Claims("\"aud\":[\"a\"]", exp: "1e300") },
        { JwtSvidFault.NotYetValid, Header(), Claims($"\"aud\":[\"a\"],\"nbf\":{s_unix + 600}") }, // 23
        { JwtSvidFault.IssuedInFuture, Header(), Claims($"\"aud\":[\"a\"],\"iat\":{s_unix + 600}") },
        { JwtSvidFault.NoSubject, Header(), $$"""{"aud":["a"],"exp":{{s_unix + 60}}}""" },
        { JwtSvidFault.BadSubject, Header(), Claims("\"aud\":[\"a\"]", sub: "web") },
        { JwtSvidFault.NoBundle, Header(), Claims("\"aud\":[\"a\"]", sub: "spiffe://partner.example/web") }, // 27
        { JwtSvidFault.SubjectHasNoPath, Header(), Claims("\"aud\":[\"a\"]", sub: "spiffe://example.org") },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","jku":"https://evil.example"}""", s_claims },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","jwk":{}}""", s_claims }, // 30
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","crit":["x"]}""", s_claims },
        { JwtSvidFault.DuplicateMember, Header(), Claims("\"aud\":[\"a\"],\"aud\":[\"b\"]") }, // 40
        { JwtSvidFault.DuplicateMember, Header(), Claims("\"aud\":[\"a\"],\"sub\":\"spiffe://example.org/dba\"") },
        { JwtSvidFault.DuplicateMember, Header(), Claims("\"aud\":[\"a\"],\"s\\u0075b\":\"spiffe://example.org/dba\"") },
        { JwtSvidFault.DuplicateMember, """{"alg":"ES256","alg":"none","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadJson, "[]", s_claims },
        { JwtSvidFault.BadJson, Header(), "7" },
        { JwtSvidFault.BadJson, Header(), Claims("\"aud\":[\"a\"],\"x\":\"\\ud800\"") },
        { JwtSvidFault.BadJson, Header(), Claims("\"aud\":[\"a\"],\"x\":" + new string('[', 40) + new string(']', 40)) },
        { JwtSvidFault.BadAlgorithm, """{"alg":"None","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"alg":"","kid":"k1"}""", s_claims },
        { JwtSvidFault.BadAlgorithm, """{"alg":["ES256"],"kid":"k1"}""", s_claims },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","x5u":"https://evil.example"}""", s_claims },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","x5c":["AAAA"]}""", s_claims },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","cty":"JWT"}""", s_claims }, // a token inside a token
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","enc":"A256GCM","zip":"DEF"}""", s_claims },
        { JwtSvidFault.ForbiddenHeader, """{"alg":"ES256","kid":"k1","b64":false}""", s_claims },
        { JwtSvidFault.BadAudience, Header(), Claims("\"aud\":{\"a\":1}") },
        { JwtSvidFault.BadAudience, Header(), Claims("\"aud\":[\"a\",\"\"]") },
        { JwtSvidFault.BadTime, Header(), Claims("\"aud\":[\"a\"],\"nbf\":\"soon\"") },
        { JwtSvidFault.BadTime, Header(), Claims("\"aud\":[\"a\"]", exp: "-1") },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Verify_WhenRight_GivesTheId(string header, string claims) =>
        Assert.Equal("spiffe://example.org/web", Verify(Sign(header, claims)).Id.ToString());

    [Theory]
    [MemberData(nameof(Refused))]
    public void Verify_WhenWrong_NamesTheFault(JwtSvidFault fault, string header, string claims) => AssertFault(fault, Sign(header, claims));

    [Fact]
    public void Verify_WhenSignatureIsWrong_NamesTheFault()
    {
        var token = Sign(Header(), s_claims);
        var parts = token.Split('.');
        var input = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        AssertFault(JwtSvidFault.BadSignature, Sign(Header(), s_claims, s_other)); // 11
        AssertFault(JwtSvidFault.BadSignature, $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(s_key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}"); // 32
        AssertFault(JwtSvidFault.BadSignature, $"{parts[0]}.{Encode(s_claims.Replace("web", "dba"))}.{parts[2]}");
        AssertFault(JwtSvidFault.NotSigned, $"{parts[0]}.{parts[1]}."); // stripped
    }

    [Fact]
    public void Verify_WhenNotCompact_Refuses()
    {
        var token = Sign(Header(), s_claims);
        var parts = token.Split('.');
        foreach (var text in new[] { "", "a", $"{parts[0]}.{parts[1]}", token + ".x", "{\"payload\":\"\",\"signatures\":[]}" })
        {
            AssertFault(JwtSvidFault.NotCompact, text);
        }

        foreach (var text in new[] { token + "=", token + "\n", " " + token, $"{parts[0]}=.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}+.{parts[2]}", StrayBits(token) })
        {
            AssertFault(JwtSvidFault.BadEncoding, text);
        }

        AssertFault(JwtSvidFault.NotSigned, "..");
        AssertFault(JwtSvidFault.Encrypted, token + ".x.y"); // 35
        AssertFault(JwtSvidFault.BadJson, Raw([0xFF, 0xFE], s_claims)); // not UTF-8
        AssertFault(JwtSvidFault.BadJson, Raw([.. "{\"alg\":\""u8, 0xC0, 0x80, .. "\"}"u8], s_claims));
        AssertFault(JwtSvidFault.TooLong, new string('a', 20_000));
    }

    [Fact]
    public void Verify_WhenHmacIsKeyedWithThePublicKey_Refuses()
    {
        var input = $"{Encode("""{"alg":"HS256","kid":"k1"}""")}.{Encode(s_claims)}";
        var mac = HMACSHA256.HashData(s_key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(input));
        AssertFault(JwtSvidFault.BadAlgorithm, $"{input}.{Base64Url.EncodeToString(mac)}"); // 14
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public void Verify_WhenRsaHeaderNamesAnEcKeyOrTheOtherWayRound_Refuses(string name)
    {
        using var rsa = RSA.Create(2048);
        AssertFault(JwtSvidFault.KeyMismatch, Sign($$"""{"alg":"{{name}}","kid":"k1"}""", s_claims));
        var bundle = s_bundle with { JwtAuthorities = [new("k1", rsa)] };
        var error = Assert.Throws<JwtSvidException>(() => JwtSvidVerifier.Verify(Sign(Header(), s_claims), _ => bundle, "a", s_now));
        Assert.Equal(JwtSvidFault.KeyMismatch, error.Fault);
    }

    [Fact]
    public void Verify_WhenRsaKeyIsShort_Refuses()
    {
        using var rsa = RSA.Create(1024);
        var bundle = s_bundle with { JwtAuthorities = [new("k1", rsa)] };
        var error = Assert.Throws<JwtSvidException>(() => JwtSvidVerifier.Verify(Sign("""{"alg":"RS256","kid":"k1"}""", s_claims), _ => bundle, "a", s_now));
        Assert.Equal(JwtSvidFault.KeyMismatch, error.Fault);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    public void Verify_WhenKeyIsRsa_TakesItsAlgorithms(string name)
    {
        using var rsa = RSA.Create(2048);
        var header = $$"""{"alg":"{{name}}","kid":"r"}""";
        var input = $"{Encode(header)}.{Encode(s_claims)}";
        var hash = name[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        var padding = name[0] == 'R' ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss;
        var token = $"{input}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(input), hash, padding))}";
        var bundle = s_bundle with { JwtAuthorities = [new("r", rsa)] };
        Assert.Equal("/web", JwtSvidVerifier.Verify(token, _ => bundle, "a", s_now).Id.Path);
    }

    [Fact]
    public async Task IssueJwt_WhenVerifiedByUsAndByAnotherLibrary_IsAccepted()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("example.org") }, default);
        var id = SpiffeId.Parse("spiffe://example.org/web");
        var token = authority.IssueJwt(id, ["a"]);
        var now = TimeProvider.System.GetUtcNow();
        var bundle = TrustBundle.Parse(authority.TrustDomain, authority.Bundle.ExportJwtAuthorities());
        Assert.Equal(id, JwtSvidVerifier.Verify(token, _ => bundle, "a", now).Id);
        Assert.Equal(JwtSvidFault.Expired, Assert.Throws<JwtSvidException>(() => JwtSvidVerifier.Verify(token, _ => bundle, "a", now.AddMinutes(7))).Fault);
        Assert.Throws<ArgumentException>(() => authority.IssueJwt(id, []));

        var handler = new System.IdentityModel.Tokens.Jwt.JwtSecurityTokenHandler { MapInboundClaims = false };
        var principal = handler.ValidateToken(token, new()
        {
            ValidateIssuer = false,
            ValidAudience = "a",
            IssuerSigningKey = new Microsoft.IdentityModel.Tokens.ECDsaSecurityKey((ECDsa)bundle.JwtAuthorities[0].PublicKey) { KeyId = bundle.JwtAuthorities[0].KeyId },
        }, out _);
        Assert.Equal(id.ToString(), principal.FindFirst("sub")!.Value);
    }

    private static string Header(string type = "JWT") => $$"""{"alg":"ES256","kid":"k1","typ":"{{type}}"}""";

    private static string Claims(string more, string sub = "spiffe://example.org/web", string? exp = null) =>
        $$"""{"sub":"{{sub}}",{{more}},"exp":{{exp ?? $"{s_unix + 60}"}}}""";

    private static string Sign(string header, string claims, ECDsa? key = null)
    {
        var input = $"{Encode(header)}.{Encode(claims)}";
        var signature = (key ?? s_key).SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Another text for the same signature: the last of 86 characters has four bits to spare.</summary>
    private static string StrayBits(string token) => token[..^1] + (char)(token[^1] + 1);

    private static string Raw(byte[] header, string claims)
    {
        var input = $"{Base64Url.EncodeToString(header)}.{Encode(claims)}";
        return $"{input}.{Base64Url.EncodeToString(s_key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static JwtSvid Verify(string token) => JwtSvidVerifier.Verify(token, domain => domain == s_bundle.TrustDomain ? s_bundle : null, "a", s_now);

    private static void AssertFault(JwtSvidFault fault, string token) =>
        Assert.Equal(fault, Assert.Throws<JwtSvidException>(() => Verify(token)).Fault);
}
