using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.SpiffeIdentity.Tests.X509;

namespace Castellan.SpiffeIdentity.Tests.Signatures;

/// <summary>Statements that an X.509-SVID signs, and forgeries of them.</summary>
public sealed class SvidJwsTests
{
    private const string Type = "test+jws";
    private static readonly byte[] s_payload = "{\"a\":1}"u8.ToArray();
    private readonly Forged _root = Forged.Root();

    [Fact]
    public void Verify_WhenSigned_NamesTheSigner()
    {
        var said = Verify(SvidJws.Sign(Svid(_root.Leaf(new() { Uris = ["spiffe://example.org/web"] })), Type, s_payload));
        Assert.Equal(("spiffe://example.org/web", "{\"a\":1}"), (said.Signer.ToString(), Encoding.UTF8.GetString(said.Payload.Span)));
    }

    [Theory]
    [InlineData("type", JwtSvidFault.BadType)]
    [InlineData("payload", JwtSvidFault.BadSignature)]
    [InlineData("signature", JwtSvidFault.BadSignature)]
    [InlineData("alg none", JwtSvidFault.BadAlgorithm)]
    [InlineData("alg RS256", JwtSvidFault.KeyMismatch)]
    [InlineData("jwk", JwtSvidFault.ForbiddenHeader)]
    [InlineData("kid", JwtSvidFault.NoKeyId)]
    [InlineData("padding", JwtSvidFault.BadEncoding)]
    [InlineData("parts", JwtSvidFault.NotCompact)]
    public void Verify_WhenForged_NamesTheFault(string attack, JwtSvidFault fault)
    {
        var parts = SvidJws.Sign(Svid(_root.Leaf()), attack == "type" ? "other" : Type, s_payload).Split('.');
        var forged = attack switch
        {
            "payload" => $"{parts[0]}.{Base64Url.EncodeToString("{\"a\":2}"u8)}.{parts[2]}",
            "signature" => $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}",
            "alg none" => WithHeader(parts, h => h["alg"] = "none"),
            "alg RS256" => WithHeader(parts, h => h["alg"] = "RS256"),
            "jwk" => WithHeader(parts, h => h["jwk"] = new JsonObject()),
            "kid" => WithHeader(parts, h => h["kid"] = "k"),
            "padding" => string.Join('.', parts) + "=",
            "parts" => $"{parts[0]}.{parts[1]}",
            _ => string.Join('.', parts),
        };
        Assert.Equal(fault, Assert.Throws<JwtSvidException>(() => Verify(forged)).Fault);
    }

    [Fact]
    public void Verify_WhenTheChainProvesNothing_IsRefused()
    {
        var stranger = SvidJws.Sign(Svid(Forged.Root().Leaf()), Type, s_payload);
        Assert.Throws<X509SvidException>(() => Verify(stranger));
        var right = SvidJws.Sign(Svid(_root.Leaf()), Type, s_payload).Split('.');
        Assert.Equal(X509SvidFault.ChainEmpty, Assert.Throws<X509SvidException>(() => Verify(WithHeader(right, h => h["x5c"] = new JsonArray()))).Fault);
        Assert.Equal(X509SvidFault.BadEncoding, Assert.Throws<X509SvidException>(() => Verify(WithHeader(right, h => h["x5c"] = new JsonArray("AAAA")))).Fault);
        Assert.Equal(X509SvidFault.Expired, Assert.Throws<X509SvidException>(() => SvidJws.Verify(string.Join('.', right), Type, Bundles, Forged.Now.AddHours(2))).Fault);
    }

    private X509BundleSet Bundles => new(new X509Bundle(TrustDomain.Parse("example.org"), [_root.Certificate]));

    private SvidStatement Verify(string jws) => SvidJws.Verify(jws, Type, Bundles, Forged.Now);

    private static X509Svid Svid(Forged leaf) => X509Svid.Parse(leaf.Certificate.RawData, leaf.Key.ExportPkcs8PrivateKey());

    private static string WithHeader(string[] parts, Action<JsonObject> change)
    {
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        change(header);
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{parts[1]}.{parts[2]}";
    }
}
