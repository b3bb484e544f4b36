using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity.Tests.Issuance;

/// <summary>What a pod asks to have signed: its key and no other identity than the one it proved.</summary>
public sealed class SigningRequestTests
{
    private static readonly SpiffeId s_own = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-triage");
    private static readonly SpiffeId s_other = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/gateway");

    public static TheoryData<string> StrongKeys => ["P-256", "P-384", "RSA-2048"];

    public static TheoryData<string> WeakKeys => ["P-521", "RSA-1024"];

    [Theory]
    [MemberData(nameof(StrongKeys))]
    public void PublicKeyOf_WhenTheRequestIsRight_IsItsKey(string kind)
    {
        using var key = KeyOf(kind);

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), SigningRequest.PublicKeyOf(SigningRequest.Write(key, s_own), s_own));
    }

    [Theory]
    [MemberData(nameof(WeakKeys))]
    public void PublicKeyOf_WhenTheKeyIsOfAKindThatIsNotSigned_Refuses(string kind)
    {
        using var key = KeyOf(kind);

        Assert.Contains("P-256", Refusal(SigningRequest.Write(key, s_own)).Message);
    }

    [Fact]
    public void PublicKeyOf_WhenItAsksForAnotherIdentity_Refuses()
    {
        using var key = KeyOf("P-256");

        var refusal = Refusal(SigningRequest.Write(key, s_other));

        Assert.True(refusal.IsForOther);
        Assert.Contains($"another identity than {s_own}", refusal.Message);
    }

    [Fact]
    public void PublicKeyOf_WhenAnyByteIsChanged_Refuses()
    {
        using var key = KeyOf("P-256");
        var good = SigningRequest.Write(key, s_own);

        for (var at = 0; at < good.Length; at++)
        {
            var changed = (byte[])good.Clone();
            changed[at] ^= 0x01;
            Refusal(changed);
        }
    }

    [Fact]
    public void PublicKeyOf_WhenItIsNoRequest_Refuses()
    {
        Assert.Contains("0 bytes", Refusal([]).Message);
        Assert.Contains("9000 bytes", Refusal(new byte[9000]).Message);
        Assert.Contains("no PKCS#10 request", Refusal([0x30, 0x03, 0x02, 0x01, 0x00]).Message);
    }

    private static SigningRequestException Refusal(byte[] request) => Assert.Throws<SigningRequestException>(() => SigningRequest.PublicKeyOf(request, s_own));

    private static AsymmetricAlgorithm KeyOf(string kind) => kind switch
    {
        "P-256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "P-521" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => RSA.Create(int.Parse(kind[4..])),
    };
}
