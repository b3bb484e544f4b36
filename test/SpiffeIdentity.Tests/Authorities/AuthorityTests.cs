using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity.Tests.Authorities;

public sealed class AuthorityTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web");
    private readonly ManualTimeProvider _clock = new(new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task IssueX509_WhenEntitled_GivesAnSvidThatOurBundleVerifies()
    {
        using var authority = await OpenAsync();
        var svid = authority.IssueX509(s_web, hint: "internal");
        Assert.Equal(s_web, X509SvidVerifier.Verify(svid.Chain, new(authority.Bundle.X509), _clock.GetUtcNow()));
        Assert.Equal((2, _clock.GetUtcNow().AddHours(1), _clock.GetUtcNow().AddSeconds(-10), "internal"), (svid.Chain.Count, svid.NotAfter, svid.NotBefore, svid.Hint));
    }

    [Fact]
    public async Task IssueX509_WhenTtlOutlivesTheSigningCa_IsCapped()
    {
        using var authority = await OpenAsync();
        Assert.Equal(_clock.GetUtcNow().AddHours(24), authority.IssueX509(s_web, TimeSpan.FromDays(30)).NotAfter);
    }

    [Theory]
    [InlineData("spiffe://castellan.local")]
    [InlineData("spiffe://castellan.local/spire")]
    [InlineData("spiffe://castellan.local/spire/agent/x")]
    [InlineData("spiffe://partner.example/ns/default/sa/web")]
    public async Task IssueX509_WhenIdIsNotAWorkloadsOfOurs_Throws(string id)
    {
        using var authority = await OpenAsync();
        Assert.Throws<ArgumentException>(() => authority.IssueX509(SpiffeId.Parse(id)));
    }

    [Fact]
    public async Task IssueX509_WhenCalledOnManyThreads_GivesDistinctValidSvids()
    {
        using var authority = await OpenAsync();
        var bundles = new X509BundleSet(authority.Bundle.X509);
        var serials = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() =>
        {
            var svid = authority.IssueX509(s_web);
            X509SvidVerifier.Verify(svid.Chain, bundles, _clock.GetUtcNow());
            return svid.Leaf.SerialNumber;
        })));
        Assert.Equal(64, serials.Distinct().Count());
    }

    [Fact]
    public async Task Run_WhenTimePasses_RotatesSigningCasAndRootsWithoutAGap()
    {
        using var authority = await OpenAsync(rootTtl: TimeSpan.FromDays(30));
        using var stop = new CancellationTokenSource();
        var running = authority.RunAsync(stop.Token);
        var signers = new HashSet<string>();
        var roots = new HashSet<string>();
        var old = authority.IssueX509(s_web);
        for (var hour = 0; hour < 24 * 80; hour += 6)
        {
            var known = new X509BundleSet(authority.Bundle.X509);
            await AdvanceAsync(TimeSpan.FromHours(6));
            var svid = authority.IssueX509(s_web);
            signers.Add(svid.Chain[1].SerialNumber);
            roots.UnionWith(authority.Bundle.X509Authorities.Select(r => r.SerialNumber));

            // Whoever holds the bundle of six hours ago verifies what is issued now.
            X509SvidVerifier.Verify(svid.Chain, known, _clock.GetUtcNow());
            Assert.InRange(authority.Bundle.X509Authorities.Count, 1, 2);
            Assert.InRange(authority.Bundle.JwtAuthorities.Count, 1, 3);
        }

        Assert.InRange(signers.Count, 80, 240);
        Assert.InRange(roots.Count, 3, 7);
        Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify(old.Chain, new(authority.Bundle.X509), _clock.GetUtcNow()));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Open_MakesCasThatNameTheTrustDomainAndNothingElse()
    {
        using var authority = await OpenAsync();
        var signing = authority.IssueX509(s_web).Chain[1];
        foreach (var ca in new[] { authority.Bundle.X509Authorities[0], signing })
        {
            Assert.Equal(s_domain, X509SvidVerifier.TrustDomainOf(ca));
            X509SvidProfile.CheckOwnSigner(ca);
        }

        // A CA is no identity: neither as a leaf nor with its key.
        Assert.Equal(X509SvidFault.NoPath, Assert.Throws<X509SvidException>(() => X509SvidVerifier.Verify([signing], new(authority.Bundle.X509), _clock.GetUtcNow())).Fault);
    }

    [Fact]
    public async Task IssueJwt_WritesNoHeaderBeyondAlgKidAndTyp()
    {
        using var authority = await OpenAsync();
        var token = authority.IssueJwt(s_web, ["a"]);
        using var header = System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.'))));
        Assert.Equal(["alg", "kid", "typ"], header.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal(authority.Bundle.JwtAuthorities.Single().KeyId, header.RootElement.GetProperty("kid").GetString());
    }

    [Theory]
    [InlineData(AuthorityKeyType.EcP256, "ES256", "1.2.840.10045.4.3.2")]
    [InlineData(AuthorityKeyType.EcP384, "ES384", "1.2.840.10045.4.3.3")]
    [InlineData(AuthorityKeyType.Rsa2048, "RS256", "1.2.840.113549.1.1.11")]
    public async Task KeyType_DecidesHowEverythingIsSigned(AuthorityKeyType type, string algorithm, string signature)
    {
        var directory = Directory.CreateTempSubdirectory("authority").FullName;
        using var authority = await Authority.OpenAsync(
            new() { TrustDomain = s_domain, DataDirectory = directory, TimeProvider = _clock, KeyType = type, SvidKeyType = type }, default);
        var svid = authority.IssueX509(s_web);
        Assert.Equal(s_web, X509SvidVerifier.Verify(svid.Chain, new(authority.Bundle.X509), _clock.GetUtcNow()));
        Assert.All(svid.Chain, c => Assert.Equal(signature, c.SignatureAlgorithm.Value));

        var token = authority.IssueJwt(s_web, ["a"]);
        var header = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.'))));
        Assert.Contains($"\"alg\":\"{algorithm}\"", header);
        var bundle = TrustBundle.Parse(s_domain, authority.Bundle.Export());
        Assert.Equal(s_web, JwtSvidVerifier.Verify(token, _ => bundle, "a", _clock.GetUtcNow()).Id);

        using var again = await Authority.OpenAsync(new() { TrustDomain = s_domain, DataDirectory = directory, TimeProvider = _clock }, default);
        Assert.Equal(authority.Bundle.Export(), again.Bundle.Export()); // another kind takes effect with the next key
        Assert.Equal(s_web, X509SvidVerifier.Verify(again.IssueX509(s_web).Chain, new(again.Bundle.X509), _clock.GetUtcNow()));
    }

    [Fact]
    public async Task RotateSigningCa_WhenForced_SignsTokensWithTheOldKeyUntilTheNewOneIsKnown()
    {
        using var authority = await OpenAsync();
        var known = authority.Bundle;
        await authority.RotateSigningCaAsync(default);
        Assert.Equal(s_web, JwtSvidVerifier.Verify(authority.IssueJwt(s_web, ["a"]), _ => known, "a", _clock.GetUtcNow()).Id);
        Assert.Equal(["Active", "Prepared"], authority.Keys.Where(k => k.Role == "jwt").Select(k => k.State.ToString()));
        _clock.Advance(TimeSpan.FromMinutes(6)); // more than the refresh hint: everyone has fetched the bundle again
        var fresh = authority.Bundle;
        Assert.Equal(["Retiring", "Active"], authority.Keys.Where(k => k.Role == "jwt").Select(k => k.State.ToString()));
        var token = authority.IssueJwt(s_web, ["a"]);
        Assert.Equal(s_web, JwtSvidVerifier.Verify(token, _ => fresh, "a", _clock.GetUtcNow()).Id);
        Assert.Equal(JwtSvidFault.UnknownKey, Assert.Throws<JwtSvidException>(() => JwtSvidVerifier.Verify(token, _ => known, "a", _clock.GetUtcNow())).Fault);
    }

    [Fact]
    public async Task Ledger_KnowsWhoHasAValidSvidAndTellsWatchers()
    {
        using var authority = await OpenAsync();
        await using var watch = authority.Ledger.WatchAsync(default).GetAsyncEnumerator();
        var next = watch.MoveNextAsync();
        authority.IssueX509(s_web);
        authority.IssueJwt(s_web, ["reports"]);
        Assert.True(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal((AuthorityEventKind.X509Issued, s_web), (watch.Current.Kind, watch.Current.Id!));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((AuthorityEventKind.JwtIssued, "reports"), (watch.Current.Kind, watch.Current.Detail));
        Assert.Equal(s_web, authority.Ledger.Valid(_clock.GetUtcNow()).Single().Id);
        Assert.Empty(authority.Ledger.Valid(_clock.GetUtcNow().AddHours(2)));
    }

    [Fact]
    public async Task RotateSigningCa_WhenForced_KeepsOldSvidsValidAndTellsListeners()
    {
        using var authority = await OpenAsync();
        var before = authority.IssueX509(s_web);
        var change = authority.BundleChange;
        await authority.RotateSigningCaAsync(default);
        var after = authority.IssueX509(s_web);
        Assert.True(change.HasChanged);
        Assert.Equal(2, authority.Bundle.Sequence);
        Assert.NotEqual(before.Chain[1].SerialNumber, after.Chain[1].SerialNumber);
        X509SvidVerifier.Verify(before.Chain, new(authority.Bundle.X509), _clock.GetUtcNow());
        X509SvidVerifier.Verify(after.Chain, new(authority.Bundle.X509), _clock.GetUtcNow());
    }

    [Fact]
    public async Task Open_WhenKeysAreStored_GoesOnWithThem()
    {
        var directory = Path.Combine(Directory.CreateTempSubdirectory("authority").FullName, "keys");
        byte[] bundle;
        X509Svid svid;
        using (var first = await OpenAsync(directory))
        {
            await first.RotateSigningCaAsync(default);
            (bundle, svid) = (first.Bundle.Export(), first.IssueX509(s_web));
        }

        using var second = await OpenAsync(directory);
        Assert.Equal(bundle, second.Bundle.Export());
        Assert.Equal(svid.Chain[1].RawData, second.IssueX509(s_web).Chain[1].RawData);
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(Directory.GetFiles(directory).Single()), 8));
        Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(directory), 8));
    }

    [Fact]
    public async Task Open_WhenStoredKeysHaveExpired_MakesNewOnesUnderTheSameRoot()
    {
        var directory = Directory.CreateTempSubdirectory("authority").FullName;
        string root;
        using (var first = await OpenAsync(directory))
        {
            root = first.Bundle.X509Authorities.Single().SerialNumber;
        }

        _clock.Advance(TimeSpan.FromDays(7));
        using var second = await OpenAsync(directory);
        Assert.Equal(root, second.Bundle.X509Authorities.Single().SerialNumber);
        X509SvidVerifier.Verify(second.IssueX509(s_web).Chain, new(second.Bundle.X509), _clock.GetUtcNow());
    }

    [Fact]
    public async Task Open_WhenFileIsDamagedOrExposed_RefusesAndKeepsIt()
    {
        var directory = Directory.CreateTempSubdirectory("authority").FullName;
        (await OpenAsync(directory)).Dispose();
        var file = Directory.GetFiles(directory).Single();
        var good = await File.ReadAllTextAsync(file);

        foreach (var bad in new[] { "", "null", "{", good[..^20], good.Replace("\"version\": 2", "\"version\": 3"), good.Replace("castellan.local", "other.local"), SwapKeys(good) })
        {
            await File.WriteAllTextAsync(file, bad);
            var error = await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(directory));
            Assert.Contains(file, error.Message);
            Assert.Equal(bad, await File.ReadAllTextAsync(file));
        }

        await File.WriteAllTextAsync(file, good);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("600", (await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(directory))).Message);
    }

    private static string SwapKeys(string document)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var node = System.Text.Json.Nodes.JsonNode.Parse(document)!;
        node["roots"]![0]!["key"] = Convert.ToBase64String(other.ExportPkcs8PrivateKey());
        return node.ToJsonString();
    }

    /// <summary>Moves the clock and waits until the rotation loop waits again.</summary>
    private async Task AdvanceAsync(TimeSpan by)
    {
        await _clock.WaitForTimerAsync();
        _clock.Advance(by);
        await _clock.WaitForTimerAsync();
    }

    private Task<Authority> OpenAsync(string? directory = null, TimeSpan? rootTtl = null) => Authority.OpenAsync(
        new() { TrustDomain = s_domain, DataDirectory = directory, TimeProvider = _clock, RootTtl = rootTtl ?? TimeSpan.FromDays(365) }, default);
}
