using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Castellan.Policy.Tests.Approvals;

public sealed class ApprovalStatementTests : IDisposable
{
    private const string Subject = "O=castellan:approvers, CN=approver";
    private readonly Pki pki = new();
    private readonly FixedClock clock = new();

    private static ApprovalStatement Statement => new("call-1", "sha256:00", ApprovalVerdict.Approve, "approver", Given.Noon, Given.Noon.AddMinutes(5));

    [Fact]
    public void Verify_WhenSignedByAClientOfTheCluster_GivesStatementUserAndGroups()
    {
        using var certificate = pki.Client(Subject);

        var approval = ApprovalStatement.Verify(Statement.Sign(certificate), pki.Authorities, clock.GetUtcNow());

        Assert.Equal(Statement, approval.Statement);
        Assert.Equal("approver", approval.User);
        Assert.Equal(["castellan:approvers"], approval.Groups);
    }

    [Fact]
    public void Verify_WhenAnyPartIsChanged_Refuses()
    {
        using var certificate = pki.Client(Subject);
        var signed = Statement.Sign(certificate);
        for (var i = 0; i < signed.Length; i++)
        {
            var changed = signed[..i] + (signed[i] == 'A' ? 'B' : 'A') + signed[(i + 1)..];
            Assert.Throws<ApprovalStatementException>(() => ApprovalStatement.Verify(changed, pki.Authorities, clock.GetUtcNow()));
        }
    }

    [Fact]
    public void Verify_WhenIssuedByAnotherAuthority_Refuses()
    {
        using var other = new Pki("CN=other");
        using var namesake = new Pki();
        using var certificate = other.Client(Subject);
        using var lookalike = namesake.Client(Subject);

        Refused(Statement.Sign(certificate), "not trusted");
        Refused(Statement.Sign(lookalike), "not trusted");
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1")]
    [InlineData("")]
    public void Verify_WhenTheCertificateIsNotForClients_Refuses(string usage)
    {
        using var certificate = pki.Client(Subject, usage);

        Refused(Statement.Sign(certificate), "client authentication");
    }

    [Fact]
    public void Verify_WhenTheCertificateExpired_Refuses()
    {
        using var certificate = pki.Client(Subject, life: TimeSpan.FromMinutes(-1));

        Refused(Statement.Sign(certificate), "NotTimeValid");
    }

    [Theory]
    [InlineData(-10, -5, "expired")]
    [InlineData(5, 10, "future")]
    [InlineData(0, 61, "counts longer")]
    public void Verify_WhenTheTimeIsWrong_Refuses(int issued, int expires, string problem)
    {
        using var certificate = pki.Client(Subject);
        var statement = Statement with { IssuedAt = Given.Noon.AddMinutes(issued), ExpiresAt = Given.Noon.AddMinutes(expires) };

        Refused(statement.Sign(certificate), problem);
    }

    [Fact]
    public void Sign_WhenTheCertificateIsOfAnotherUserOrCurve_Throws()
    {
        using var other = pki.Client("CN=other");
        using var curve = pki.Client(Subject, curve: ECCurve.NamedCurves.nistP384);

        Assert.Contains("is of 'other'", Assert.Throws<ApprovalStatementException>(() => Statement.Sign(other)).Message);
        Assert.Contains("P-256", Assert.Throws<ApprovalStatementException>(() => Statement.Sign(curve)).Message);
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"castellan-approval+jwt","x5c":["CERT"]}""", "algorithm is 'none'")]
    [InlineData("""{"alg":"HS256","typ":"castellan-approval+jwt","x5c":["CERT"]}""", "algorithm is 'HS256'")]
    [InlineData("""{"alg":"ES256","typ":"JWT","x5c":["CERT"]}""", "type is 'JWT'")]
    [InlineData("""{"alg":"ES256","alg":"ES256","typ":"castellan-approval+jwt","x5c":["CERT"]}""", "each member once")]
    [InlineData("""{"alg":"ES256","typ":"castellan-approval+jwt","x5c":["CERT"],"crit":["b64"]}""", "unknown member 'crit'")]
    [InlineData("""{"alg":"ES256","typ":"castellan-approval+jwt","x5c":["CERT"],"jwk":{}}""", "unknown member 'jwk'")]
    [InlineData("""{"alg":"ES256","typ":"castellan-approval+jwt"}""", "lacks 'x5c'")]
    [InlineData("""{"alg":"ES256","typ":"castellan-approval+jwt","x5c":[]}""", "1 to 4 certificates")]
    [InlineData("""{"alg":"ES256","typ":"castellan-approval+jwt","x5c":["AAAA"]}""", "no certificate")]
    [InlineData("""["ES256"]""", "no JSON object")]
    public void Verify_WhenTheHeaderIsOdd_Refuses(string header, string problem)
    {
        using var certificate = pki.Client(Subject);

        Refused(Forge(certificate, header, Payload()), problem);
    }

    [Theory]
    [InlineData("\"decision\":\"Approve\"", "\"decision\":\"approve\"", "send Approve or Refuse")]
    [InlineData("\"decision\":\"Approve\"", "\"decision\":\"Refuse\",\"decision\":\"Approve\"", "each member once")]
    [InlineData("\"approver\":\"approver\"", "\"approver\":\"boss\"", "names 'boss'")]
    [InlineData("\"callId\":\"call-1\"", "\"callId\":1", "'callId' is no text")]
    [InlineData("\"callId\":\"call-1\"", "\"callId\":\"\"", "'callId' is no text")]
    [InlineData("\"iat\":", "\"iat\":1.5,\"x\":", "unknown member 'x'")]
    public void Verify_WhenThePayloadIsOdd_Refuses(string member, string replacement, string problem)
    {
        using var certificate = pki.Client(Subject);
        var header = StatementFormat.WriteHeader(certificate.RawData);

        Refused(Forge(certificate, header, Payload().Replace(member, replacement, StringComparison.Ordinal)), problem);
    }

    [Fact]
    public void Verify_WhenTheTextIsNoCompactJws_Refuses()
    {
        using var certificate = pki.Client(Subject);
        var signed = Statement.Sign(certificate);

        Refused("", "1 parts");
        Refused(signed + ".x", "4 parts");
        Refused(signed + "=", "no base64url");
        Refused(signed.Replace('.', ' '), "1 parts");
        Refused(new string('a', 20_000), "at most 16384");
        Refused("..", "no base64url");
    }

    [Fact]
    public void Verify_WhenTheAuthorityItselfSigns_Refuses() =>
        Refused(Forge(pki.Authority, StatementFormat.WriteHeader(pki.Authority.RawData), Payload()), "authority's");

    public void Dispose() => pki.Dispose();

    private static string Payload() => StatementFormat.WritePayload(Statement);

    private static string Forge(X509Certificate2 certificate, string header, string payload)
    {
        header = header.Replace("CERT", Convert.ToBase64String(certificate.RawData), StringComparison.Ordinal);
        var signed = $"{Encode(header)}.{Encode(payload)}";
        using var key = certificate.GetECDsaPrivateKey();
        var signature = key!.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private void Refused(string statement, string problem)
    {
        var error = Assert.Throws<ApprovalStatementException>(() => ApprovalStatement.Verify(statement, pki.Authorities, clock.GetUtcNow()));
        Assert.Contains(problem, error.Message);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Given.Noon;
    }
}
