using Castellan.SpiffeIdentity.Tests.X509;

namespace Castellan.SpiffeIdentity.Tests.Authorities;

/// <summary>A CA of the organisation signs ours.</summary>
public sealed class UpstreamAuthorityTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("example.org");
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://example.org/web");
    private readonly string _directory = Directory.CreateTempSubdirectory("upstream").FullName;
    private readonly ManualTimeProvider _clock = new(Forged.Now);

    [Fact]
    public async Task Issue_WhenTheUpstreamIsARoot_LeadsToIt()
    {
        var root = Forged.Root();
        using var authority = await OpenAsync(root, root);
        var svid = authority.IssueX509(s_web);
        Assert.Equal(root.Certificate.RawData, authority.Bundle.X509Authorities.Single().RawData);
        Assert.Equal(2, svid.Chain.Count);
        Assert.Equal(s_web, X509SvidVerifier.Verify(svid.Chain, new(authority.Bundle.X509), Forged.Now));
        Assert.True(svid.NotAfter <= new DateTimeOffset(root.Certificate.NotAfter)); // nothing outlives its CA
    }

    [Fact]
    public async Task Issue_WhenTheUpstreamIsAnIntermediate_SendsItAlong()
    {
        var root = Forged.Root();
        var upstream = root.Ca("upstream", pathLength: 1);
        using var authority = await OpenAsync(upstream, upstream, root);
        var svid = authority.IssueX509(s_web);
        Assert.Equal(root.Certificate.RawData, authority.Bundle.X509Authorities.Single().RawData);
        Assert.Equal(3, svid.Chain.Count);
        Assert.Equal(upstream.Certificate.RawData, svid.Chain[2].RawData);
        Assert.Equal(s_web, X509SvidVerifier.Verify(svid.Chain, new(authority.Bundle.X509), Forged.Now));
    }

    [Fact]
    public async Task Open_WhenStarted_Again_KeepsItsIntermediateAndStoresNoUpstreamKey()
    {
        var root = Forged.Root();
        byte[] signer;
        using (var first = await OpenAsync(root, root))
        {
            signer = first.IssueX509(s_web).Chain[1].RawData;
        }

        Assert.DoesNotContain(Convert.ToBase64String(root.Key.ExportPkcs8PrivateKey()), await File.ReadAllTextAsync(Path.Combine(_directory, "authority-example.org.json")));
        using var second = await OpenAsync(root, root);
        Assert.Equal(signer, second.IssueX509(s_web).Chain[1].RawData);
    }

    [Fact]
    public async Task Open_WhenTheUpstreamWasReplaced_PublishesBothAndChangesOverAfterTheHint()
    {
        var (old, next) = (Forged.Root("old"), Forged.Root("next"));
        X509Svid before;
        using (var first = await OpenAsync(old, old))
        {
            before = first.IssueX509(s_web);
        }

        using var authority = await OpenAsync(next, next);
        Assert.Equal(2, authority.Bundle.X509Authorities.Count);
        X509SvidVerifier.Verify(before.Chain, new(authority.Bundle.X509), _clock.GetUtcNow());
        Assert.Equal(before.Chain[1].RawData, authority.IssueX509(s_web).Chain[1].RawData);
        _clock.Advance(TimeSpan.FromMinutes(6)); // more than the refresh hint
        var after = authority.IssueX509(s_web);
        Assert.NotEqual(before.Chain[1].RawData, after.Chain[1].RawData);
        X509SvidVerifier.Verify(after.Chain, new(new X509Bundle(s_domain, [next.Certificate])), _clock.GetUtcNow());
    }

    [Fact]
    public async Task Open_WhenOurOwnRootWasInForceBefore_ChangesOverWithOverlap()
    {
        X509Svid before;
        using (var own = await Authority.OpenAsync(new() { TrustDomain = s_domain, DataDirectory = _directory, TimeProvider = _clock }, default))
        {
            before = own.IssueX509(s_web);
        }

        var root = Forged.Root();
        using var authority = await OpenAsync(root, root);
        X509SvidVerifier.Verify(before.Chain, new(authority.Bundle.X509), _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(6));
        X509SvidVerifier.Verify(authority.IssueX509(s_web).Chain, new(new X509Bundle(s_domain, [root.Certificate])), _clock.GetUtcNow());
    }

    [Fact]
    public async Task Open_WhenTheUpstreamCannotSign_SaysWhy()
    {
        var root = Forged.Root();
        var other = TrustDomain.Parse("other.example").Id;
        await AssertRefusedAsync("does not belong", root, Forged.Root());
        await AssertRefusedAsync("no CA", root.Ca(isCa: false));
        await AssertRefusedAsync("path length is 0", root.Ca(pathLength: 0));
        await AssertRefusedAsync("valid from", root.Ca(notAfter: Forged.Now.AddMinutes(-1)));
        await AssertRefusedAsync("other.example", root.Ca(more: r => r.CertificateExtensions.Add(new("2.5.29.17", LeafCertificate.UriName(other), false))));
        await File.WriteAllTextAsync(Path.Combine(_directory, "ca.pem"), "nothing");
        await Assert.ThrowsAsync<UpstreamAuthorityException>(OpenFilesAsync);
        File.Delete(Path.Combine(_directory, "ca.pem"));
        await Assert.ThrowsAsync<UpstreamAuthorityException>(OpenFilesAsync);
    }

    private async Task AssertRefusedAsync(string said, Forged certificate, Forged? key = null)
    {
        var error = await Assert.ThrowsAsync<UpstreamAuthorityException>(() => OpenAsync(certificate, key ?? certificate));
        Assert.Contains(said, error.Message);
        Assert.Contains(_directory, error.Message);
    }

    private async Task<Authority> OpenAsync(Forged certificate, Forged key, params Forged[] above)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "ca.pem"), string.Concat(above.Prepend(certificate).Select(c => c.Certificate.ExportCertificatePem() + "\n")));
        await File.WriteAllTextAsync(Path.Combine(_directory, "ca.key"), key.Key.ExportECPrivateKeyPem());
        return await OpenFilesAsync();
    }

    private Task<Authority> OpenFilesAsync() => Authority.OpenAsync(
        new()
        {
            TrustDomain = s_domain,
            DataDirectory = _directory,
            TimeProvider = _clock,
            Upstream = new() { CertificateFile = Path.Combine(_directory, "ca.pem"), KeyFile = Path.Combine(_directory, "ca.key") },
        },
        default);
}
