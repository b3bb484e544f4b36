using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.GatewayApi.Tests;

public sealed class ApprovalStatementTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly X509Certificate2 _ca = Authority("cluster-ca");
    private readonly X509Certificate2 _approver;

    public ApprovalStatementTests() => _approver = Issue(_ca, "approver");

    public void Dispose()
    {
        _approver.Dispose();
        _ca.Dispose();
    }

    [Fact]
    public void Verify_WhenSignedByClusterUser_ReturnsClaims()
    {
        var found = ApprovalStatement.Verify(ApprovalStatement.Sign(Claims(), _approver), [_ca], Now);
        Assert.Equal(Claims(), found.Claims);
        Assert.Equal(_approver.Thumbprint, found.Certificate.Thumbprint);
    }

    [Fact]
    public void Verify_WhenPayloadWasChanged_Throws()
    {
        var parts = ApprovalStatement.Sign(Claims(), _approver).Split('.');
        var other = ApprovalStatement.Sign(Claims() with { ArgumentsDigest = "sha256:00" }, _approver).Split('.');
        Refused($"{parts[0]}.{other[1]}.{parts[2]}", "signature does not verify");
    }

    [Fact]
    public void Verify_WhenAnotherAuthorityIssuedTheCertificate_Throws()
    {
        using var ca = Authority("cluster-ca");
        using var forged = Issue(ca, "approver");
        Refused(ApprovalStatement.Sign(Claims(), forged), "not issued by the cluster's client CA");
    }

    [Fact]
    public void Verify_WhenCertificateIsAServers_Throws()
    {
        using var server = Issue(_ca, "approver", usage: "1.3.6.1.5.5.7.3.1");
        Refused(ApprovalStatement.Sign(Claims(), server), "not issued by");
    }

    [Fact]
    public void Verify_WhenNameIsNotTheCertificates_Throws() => Refused(ApprovalStatement.Sign(Claims() with { Approver = "boss" }, _approver), "names boss");

    [Fact]
    public void Verify_WhenExpired_Throws() => Refused(ApprovalStatement.Sign(Claims() with { ExpiresAt = Now.ToUnixTimeSeconds() }, _approver), "expired");

    [Fact]
    public void Verify_WhenFromTheFuture_Throws() => Refused(ApprovalStatement.Sign(Claims() with { IssuedAt = Now.ToUnixTimeSeconds() + 600 }, _approver), "future");

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public void Verify_WhenNoStatement_Throws(string text) =>
        Assert.Throws<ApprovalStatementException>(() => ApprovalStatement.Verify(text, [_ca], Now));

    private void Refused(string statement, string why) =>
        Assert.Contains(why, Assert.Throws<ApprovalStatementException>(() => ApprovalStatement.Verify(statement, [_ca], Now)).Message, StringComparison.Ordinal);

    private static ApprovalClaims Claims() => new("call", "sha256:ff", ApprovalVerdict.Approve, "approver", Now.ToUnixTimeSeconds(), Now.ToUnixTimeSeconds() + 60);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 ca, string name, string usage = "1.3.6.1.5.5.7.3.2")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=castellan:approvers", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var certificate = request.Create(ca, Now.AddDays(-1), Now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
