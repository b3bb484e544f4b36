using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Cli.Identity;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Tests.Identity;

/// <summary>What <c>castellan identity check</c> answers, on what a real authority issues.</summary>
public sealed class IdentityCheckTests : IAsyncLifetime
{
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://example.org/web");
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private Authority _ours = null!;
    private Authority _partner = null!;

    public async Task InitializeAsync()
    {
        _ours = await Authority.OpenAsync(new() { TrustDomain = s_web.TrustDomain }, default);
        _partner = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("partner.example") }, default);
    }

    public Task DisposeAsync()
    {
        _ours.Dispose();
        _partner.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("spiffe://example.org/web", nameof(SubjectKind.SpiffeId))]
    [InlineData("SPIFFE://x", nameof(SubjectKind.SpiffeId))]
    [InlineData("", nameof(SubjectKind.SpiffeId))]
    [InlineData("-----BEGIN CERTIFICATE-----\n", nameof(SubjectKind.X509))]
    [InlineData("eyJhbGciOiJub25lIn0.e30.", nameof(SubjectKind.Jwt))]
    [InlineData("{\"payload\":\"\",\"signatures\":[]}", nameof(SubjectKind.Jwt))]
    [InlineData("{\"keys\":[]}", nameof(SubjectKind.Bundle))]
    [InlineData("unix:///run/w.sock", nameof(SubjectKind.Address))]
    public void KindOf_TakesItFromTheText(string text, string kind) => Assert.Equal(kind, IdentityCase.KindOf(text).ToString());

    [Theory]
    [InlineData("spiffe://example.org/web", null)]
    [InlineData("spiffe://example.org/web/", "TrailingSlash")]
    [InlineData("{\"keys\":[]}", null)]
    [InlineData("{\"keys\":null}", "NoKeys")]
    [InlineData("{\"trust_domains\":{\"example.org\":{\"keys\":[]}}}", null)]
    [InlineData("tcp://1.2.3.4:5", null)]
    [InlineData("tcp://1.2.3.4", "BadAddress")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.", "NotSigned")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "BadEncoding")]
    [InlineData("-----BEGIN CERTIFICATE-----\n", "ChainEmpty")]
    public void Judge_WhenNothingElseIsNeeded_NamesTheOneReason(string text, string? reason) => Assert.Equal(reason, Judge(text).Reason);

    [Fact]
    public void Judge_OfAChain_AsksTheBundleOfItsOwnTrustDomain()
    {
        var chain = Pem(_ours.IssueX509(s_web));
        Assert.True(Judge(chain).Accepted); // its form
        Assert.Equal(s_web.ToString(), Judge(chain, Trust(_ours)).Id);
        Assert.Equal("NoBundle", Judge(chain, Trust(_partner)).Reason);
        Assert.Equal("Expired", Judge(chain, Trust(_ours), later: TimeSpan.FromHours(2)).Reason);
        Assert.Equal("NotYetValid", Judge(chain, Trust(_ours), later: TimeSpan.FromHours(-2)).Reason);
        var foreign = new TrustMaterial();
        foreign.Add(Encoding.UTF8.GetString(_partner.Bundle.Export()), s_web.TrustDomain); // under the wrong name
        Assert.Equal("Untrusted", Judge(chain, foreign).Reason);
    }

    [Fact]
    public void Judge_OfASvidWithItsKey_HoldsItToWhatWeShowOurselves()
    {
        var (svid, other) = (_ours.IssueX509(s_web), _ours.IssueX509(s_web));
        Assert.True(Judge(Pem(svid) + KeyPem("PRIVATE KEY", svid.ExportPkcs8())).Accepted);
        Assert.Equal("KeyMismatch", Judge(Pem(svid) + KeyPem("PRIVATE KEY", other.ExportPkcs8())).Reason);
        Assert.Equal("BadKey", Judge(Pem(svid) + KeyPem("EC PRIVATE KEY", svid.ExportPkcs8())).Reason);
        Assert.Equal("NoPath", Judge(_ours.Bundle.X509Authorities[0].ExportCertificatePem()).Reason); // a CA is no leaf
    }

    [Fact]
    public void Judge_OfAToken_ChecksTheAudienceWhenOneIsGiven()
    {
        var token = _ours.IssueJwt(s_web, ["reports"]);
        Assert.True(Judge(token, Trust(_ours), "reports").Accepted);
        Assert.True(Judge(token, Trust(_ours)).Accepted);
        Assert.Equal("OtherAudience", Judge(token, Trust(_ours), "billing").Reason);
        Assert.Equal("NoBundle", Judge(token, audience: "reports").Reason);
        Assert.Equal("Expired", Judge(token, Trust(_ours), later: TimeSpan.FromMinutes(7)).Reason);
    }

    [Fact]
    public void TrustMaterial_WhenABundleNamesNobody_IsBelievedForTheSubjectAlone()
    {
        var trust = new TrustMaterial();
        trust.Add(Encoding.UTF8.GetString(_ours.Bundle.ExportJwtAuthorities()), null); // no CA certificate says whose it is
        Assert.True(Judge(_ours.IssueJwt(s_web, ["a"]), trust, "a").Accepted);
        Assert.Equal("UnknownKey", Judge(_partner.IssueJwt(SpiffeId.Parse("spiffe://partner.example/x"), ["a"]), trust, "a").Reason);
    }

    [Fact]
    public async Task Check_AsACommand_AnswersWithItsExitCode()
    {
        Assert.Equal(0, (await RunAsync("identity", "check", "spiffe://example.org/web")).ExitCode);
        var refused = await RunAsync("identity", "check", "spiffe://example.org:1/web");
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("reject: HasPort: ", refused.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("identity", "check")).ExitCode);
    }

    [Fact]
    public async Task Check_OfCases_AnswersEachAndSaysWhetherAllWereAsExpected()
    {
        var directory = Directory.CreateTempSubdirectory("cases").FullName;
        var (file, bundle) = (Path.Combine(directory, "cases.jsonl"), Path.Combine(directory, "bundle.json"));
        await File.WriteAllBytesAsync(bundle, _ours.Bundle.Export());
        string[] lines =
        [
            "\"spiffe://example.org/web\"",
            new JsonObject { ["name"] = "chain", ["pem"] = Pem(_ours.IssueX509(s_web)), ["bundle"] = JsonNode.Parse(_ours.Bundle.Export()), ["expect"] = "accept" }.ToJsonString(),
            new JsonObject { ["jwt"] = _ours.IssueJwt(s_web, ["a"]), ["audience"] = "b", ["expect"] = "OtherAudience" }.ToJsonString(),
            new JsonObject { ["input"] = "spiffe://example.org//", ["expect"] = "reject" }.ToJsonString(),
            new JsonObject { ["bundle"] = new JsonObject { ["keys"] = new JsonArray() } }.ToJsonString(),
        ];
        await File.WriteAllLinesAsync(file, lines);
        var answer = await RunAsync("identity", "check", "--cases", file, "--bundle", bundle);
        var verdicts = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(["accept", "accept", "reject", "reject", "accept"], verdicts.Select(v => (string)v["verdict"]!));
        Assert.Equal(("chain", "OtherAudience", true), ((string)verdicts[1]["case"]!, (string)verdicts[2]["reason"]!, (bool)verdicts[2]["asExpected"]!));
        Assert.Equal(0, answer.ExitCode);

        await File.AppendAllTextAsync(file, "\"nonsense\"\n");
        Assert.Equal(1, (await RunAsync("identity", "check", "--cases", file)).ExitCode);
    }

    private Verdict Judge(string text, TrustMaterial? trust = null, string? audience = null, TimeSpan later = default) =>
        IdentityJudge.Judge(new(text, IdentityCase.KindOf(text), trust ?? new(), _now + later) { Audience = audience });

    private static TrustMaterial Trust(Authority authority)
    {
        var trust = new TrustMaterial();
        trust.Add(Encoding.UTF8.GetString(authority.Bundle.Export()), null); // its CA certificates say whose it is
        return trust;
    }

    private static string Pem(X509Svid svid) => string.Concat(svid.Chain.Select(c => c.ExportCertificatePem() + "\n"));

    private static string KeyPem(string label, byte[] key) => System.Security.Cryptography.PemEncoding.WriteString(label, key);

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "castellan"), arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await errors;
        return (process.ExitCode, await output);
    }
}
