using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace Castellan.SpiffeIdentity.Tests.Tls;

/// <summary>Mutual TLS between a real Kestrel and a real HttpClient.</summary>
public sealed class SpiffeTlsTests : IAsyncLifetime
{
    private const string Gateway = "spiffe://castellan.local/ns/castellan-system/sa/gateway";
    private const string Tools = "spiffe://castellan.local/ns/default/sa/tools-cluster";
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private Authority _authority = null!;
    private FixedSource _server = null!;
    private FixedSource _client = null!;

    public async Task InitializeAsync()
    {
        _authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        _server = FixedSource.Of(_authority, Tools);
        _client = FixedSource.Of(_authority, Gateway);
    }

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Request_WhenBothAreAllowed_KnowsThePeer(string version)
    {
        await using var pair = await StartAsync();
        using var client = pair.Client(SpiffeTls.CreateHandler(_client, Only(Tools)), Version.Parse(version));
        Assert.StartsWith($"{Gateway} HTTP/{version[0]}", await client.GetStringAsync("/peer"));
    }

    [Fact]
    public async Task Request_WhenServerIsAnother_IsRefusedByTheClient()
    {
        await using var pair = await StartAsync();
        using var client = pair.Client(SpiffeTls.CreateHandler(_client, Only("spiffe://castellan.local/ns/default/sa/tools-other")));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/peer"));
        Assert.Contains(Tools, Assert.IsType<AuthenticationException>(error.InnerException).Message);
    }

    [Fact]
    public async Task Request_WhenClientIsAnother_IsRefusedByTheServer()
    {
        await using var pair = await StartAsync();
        var agent = FixedSource.Of(_authority, "spiffe://castellan.local/ns/default/sa/agent-triage");
        await AssertRefusedAsync(pair, SpiffeTls.CreateHandler(agent, Only(Tools)));
    }

    [Fact]
    public async Task Request_WhenClientShowsNothing_IsRefusedByTheServer()
    {
        await using var pair = await StartAsync();
        await AssertRefusedAsync(pair, new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
    }

    [Fact]
    public async Task Request_WhenClientIsOfAnotherTrustDomain_IsRefused()
    {
        using var partner = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("partner.example") }, default);
        await using var pair = await StartAsync(SpiffeAuthorizer.Where("anyone", _ => true));
        var stranger = FixedSource.Of(partner, "spiffe://partner.example/web", _authority.Bundle.X509);
        await AssertRefusedAsync(pair, SpiffeTls.CreateHandler(stranger, Only(Tools)));

        // The same client is let in once its trust domain is federated.
        _server.Current = _server.Current with { Bundles = new([_authority.Bundle.X509, partner.Bundle.X509]) };
        using var client = pair.Client(SpiffeTls.CreateHandler(stranger, Only(Tools)));
        Assert.StartsWith("spiffe://partner.example/web ", await client.GetStringAsync("/peer"));
    }

    [Fact]
    public async Task Request_WhenClientForgesOurTrustDomain_IsRefused()
    {
        using var impostor = await Authority.OpenAsync(new() { TrustDomain = s_domain }, default);
        await using var pair = await StartAsync();
        var forged = new FixedSource(FixedSource.Of(impostor, Gateway).Current with { Bundles = _client.Current.Bundles });
        await AssertRefusedAsync(pair, SpiffeTls.CreateHandler(forged, Only(Tools)));
    }

    [Fact]
    public async Task Request_WhenClientsSvidHasExpired_IsRefused()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow().AddHours(2));
        await using var pair = await TlsPair.StartAsync(SpiffeTls.Server(_server, Only(Gateway), clock));
        await AssertRefusedAsync(pair, SpiffeTls.CreateHandler(_client, Only(Tools)));
    }

    [Fact]
    public async Task Request_WhenServersSvidHasExpired_IsRefusedByTheClient()
    {
        await using var pair = await StartAsync();
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow().AddHours(2));
        using var client = pair.Client(SpiffeTls.CreateHandler(_client, Only(Tools), clock));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/peer"));
        Assert.Contains("expired", error.InnerException!.Message);
    }

    [Fact]
    public async Task Request_WhenUriIsPlainHttp_Throws()
    {
        using var client = new HttpClient(SpiffeTls.CreateHandler(_client, Only(Tools)));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("http://127.0.0.1:1/"));
        Assert.Contains("mutual TLS only", error.Message);
    }

    [Fact]
    public async Task Rotation_WhenConnectionsStand_DropsNoneAndNewOnesUseTheNewSvid()
    {
        await using var pair = await StartAsync();
        using var standing = pair.Client(SpiffeTls.CreateHandler(_client, Only(Tools)));
        var first = await standing.GetStringAsync("/peer");
        using var stream = await standing.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);

        await _authority.RotateSigningCaAsync(default);
        _server.Current = FixedSource.Of(_authority, Tools).Current;
        _client.Current = FixedSource.Of(_authority, Gateway).Current;

        Assert.Equal(first, await standing.GetStringAsync("/peer")); // the same connection
        var serial = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new()
            {
                ClientCertificateContext = _client.Current.Svid.TlsContext,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (serial = certificate!.GetSerialNumberString()) != "",
            },
        };
        using var fresh = pair.Client(handler);
        await fresh.GetStringAsync("/peer");
        Assert.Equal(_server.Current.Svid.Leaf.SerialNumber, serial);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal("begun", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task ServerWithoutClientCertificate_LetsAnyoneReadAndProvesItself()
    {
        await using var pair = await TlsPair.StartAsync(SpiffeTls.ServerWithoutClientCertificate(_server));
        using var client = pair.Client(SpiffeTls.CreateHandler(_client, Only(Tools)));
        Assert.StartsWith(" HTTP/2", await client.GetStringAsync("/peer"));
    }

    private static SpiffeAuthorizer Only(string id) => SpiffeAuthorizer.Exactly(SpiffeId.Parse(id));

    private static async Task AssertRefusedAsync(TlsPair pair, SocketsHttpHandler handler)
    {
        using var client = pair.Client(handler);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/peer"));
    }

    private Task<TlsPair> StartAsync(SpiffeAuthorizer? authorizer = null) => TlsPair.StartAsync(SpiffeTls.Server(_server, authorizer ?? Only(Gateway)));
}
