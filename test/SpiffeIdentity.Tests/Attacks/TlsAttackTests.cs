using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Castellan.SpiffeIdentity.Tests.Tls;
using Castellan.SpiffeIdentity.Tests.X509;

namespace Castellan.SpiffeIdentity.Tests.Attacks;

/// <summary>Certificates of a believed root that are no right X.509-SVID get no connection.</summary>
public sealed class TlsAttackTests
{
    private const string Web = "spiffe://example.org/web";
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly Forged _root = Forged.Root();
    private readonly ManualTimeProvider _clock = new(Forged.Now);

    public static TheoryData<string> Attacks => ["a CA as leaf", "two URI names", "no URI name", "expired", "not yet valid", "another trust domain", "another root", "may sign certificates"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Handshake_WithAForgedCertificate_IsRefused(string attack)
    {
        await using var pair = await StartAsync();
        var forged = attack switch
        {
            "a CA as leaf" => _root.Leaf(new() { IsCa = true }),
            "two URI names" => _root.Leaf(new() { Uris = [Web, "spiffe://example.org/gateway"] }),
            "no URI name" => _root.Leaf(new() { Uris = [], Dns = ["example.org"] }),
            "expired" => _root.Leaf(new() { NotBefore = Forged.Now - s_hour, NotAfter = Forged.Now.AddSeconds(-1) }),
            "not yet valid" => _root.Leaf(new() { NotBefore = Forged.Now.AddMinutes(1) }),
            "another trust domain" => _root.Leaf(new() { Uris = ["spiffe://partner.example/web"] }),
            "another root" => Forged.Root().Leaf(),
            _ => _root.Leaf(new() { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign }),
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(pair, forged));
    }

    [Fact]
    public async Task Handshake_WithARightCertificateOfTheSameRoot_Succeeds()
    {
        await using var pair = await StartAsync();
        Assert.StartsWith(Web, await GetAsync(pair, _root.Leaf()));
    }

    [Fact]
    public async Task Headers_ThatNameAnotherPeer_AreNotLookedAt()
    {
        await using var pair = await StartAsync();
        Assert.StartsWith(Web, await GetAsync(pair, _root.Leaf(), request =>
        {
            request.Headers.Add("X-Forwarded-Client-Cert", "By=spiffe://example.org/server;URI=spiffe://example.org/gateway");
            request.Headers.Add("X-SSL-Client-Verify", "SUCCESS");
            request.Headers.Add("X-SPIFFE-ID", "spiffe://example.org/gateway");
            request.Headers.Add("X-Remote-User", "root");
        }));
    }

    private async Task<TlsPair> StartAsync()
    {
        var server = _root.Leaf(new() { Uris = ["spiffe://example.org/server"] });
        var svid = X509Svid.Parse(server.Certificate.RawData, server.Key.ExportPkcs8PrivateKey());
        var source = new FixedSource(new([svid], new(new X509Bundle(svid.Id.TrustDomain, [_root.Certificate]))));
        return await TlsPair.StartAsync(SpiffeTls.Server(source, SpiffeAuthorizer.Where("everyone", _ => true), _clock));
    }

    private static async Task<string> GetAsync(TlsPair pair, Forged client, Action<HttpRequestMessage>? with = null)
    {
        using var certificate = client.Certificate.CopyWithPrivateKey(client.Key);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true),
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
        };
        using var http = pair.Client(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/peer") { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        with?.Invoke(request);
        using var response = await http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
