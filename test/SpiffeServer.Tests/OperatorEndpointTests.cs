using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Operators;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeServer.Tests;

/// <summary>What an operator does over the socket, and who may not.</summary>
public sealed class OperatorEndpointTests : IAsyncLifetime
{
    private const string Web = "spiffe://castellan.local/ns/default/sa/web";
    private readonly string _directory = Directory.CreateTempSubdirectory("operators").FullName;
    private SpiffeServerHost _host = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        KeyEncryptionKey.ReadOrCreate(Path.Combine(_directory, "keys", "kek"));
        _host = await SpiffeServerHost.StartAsync(
            new()
            {
                TrustDomain = "castellan.local",
                DataDirectory = Path.Combine(_directory, "data"),
                KeyEncryptionKeyFile = Path.Combine(_directory, "keys", "kek"),
                OperatorSocket = Socket,
            },
            NullLoggerFactory.Instance, TimeProvider.System, default);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost"),
        };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Mint_GivesAnSvidThatTheBundleVerifies()
    {
        var minted = await PostAsync<MintedIdentity>("/v1/mint", new MintRequest(Web, TtlSeconds: 60));
        using var leaf = X509Certificate2.CreateFromPem(minted.Certificates, minted.Key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(minted.Certificates);
        Assert.Equal(Web, X509SvidVerifier.Verify([.. chain], new(_host.Authority.Bundle.X509), TimeProvider.System.GetUtcNow()).ToString());
        Assert.True(leaf.HasPrivateKey);
        Assert.True(leaf.NotAfter.ToUniversalTime() <= TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(61));

        var token = (await PostAsync<MintedIdentity>("/v1/mint", new MintRequest(Web, ["reports"]))).Token!;
        Assert.Equal(Web, JwtSvidVerifier.Verify(token, _ => _host.Authority.Bundle, "reports", TimeProvider.System.GetUtcNow()).Id.ToString());
    }

    [Theory]
    [InlineData("nonsense", "scheme")]
    [InlineData("spiffe://partner.example/x", "not of trust domain")]
    [InlineData("spiffe://castellan.local/spire/agent", "reserved")]
    public async Task Mint_WhenTheIdIsNotOurs_SaysWhy(string id, string said)
    {
        using var response = await _http.PostAsJsonAsync("/v1/mint", new MintRequest(id), OperatorJson.Options);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadAsStringAsync();
        Assert.Contains(said, problem);
        Assert.DoesNotContain("Parameter", problem);
    }

    [Fact]
    public async Task Report_AfterRotationAndDenial_ShowsBoth()
    {
        _host.Authority.IssueX509(SpiffeId.Parse(Web));
        var rotated = await PostAsync<AuthorityReport>("/v1/rotate", new { });
        Assert.Equal((2L, 2), (rotated.Sequence, rotated.Keys.Count(k => k.Role == "signing")));
        Assert.Equal(Web, rotated.Identities.Single().Id);
        var denied = await PostAsync<AuthorityReport>("/v1/denials", new DenialRequest(Web));
        Assert.Equal([Web], denied.Denied);
        Assert.Throws<IdentityDeniedException>(() => _host.Authority.IssueX509(SpiffeId.Parse(Web)));
        Assert.Empty((await PostAsync<AuthorityReport>("/v1/denials", new DenialRequest(Web, Lift: true))).Denied);
        Assert.Equal(rotated.Sequence, (await _http.GetFromJsonAsync<AuthorityReport>("/v1/authority", OperatorJson.Options))!.Sequence);
    }

    [Fact]
    public async Task Events_TellWhatIsIssuedAsItHappens()
    {
        using var response = await _http.GetAsync(new Uri("/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        _host.Authority.IssueX509(SpiffeId.Parse(Web));
        var item = JsonSerializer.Deserialize<AuthorityEventReport>((await reader.ReadLineAsync(patience.Token))!, OperatorJson.Options)!;
        Assert.Equal((AuthorityEventKind.X509Issued, Web), (item.Kind, item.Id));
    }

    [Fact]
    public async Task Socket_IsClosedToOtherUsers()
    {
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(Socket), 8));
        if (!Environment.IsPrivilegedProcess)
        {
            return; // another user is needed, and only root can become one
        }

        File.SetUnixFileMode(_directory, (UnixFileMode)Convert.ToInt32("755", 8));
        File.SetUnixFileMode(Socket, (UnixFileMode)Convert.ToInt32("666", 8)); // even then the kernel's word on who connects counts
        const string script = "require('http').get({ socketPath: process.argv[1], path: '/v1/authority' }, r => console.log(r.statusCode)).on('error', e => console.log(e.code))";
        using var process = Process.Start(new ProcessStartInfo("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "node", "-e", script, Socket]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains(output.Trim(), new[] { "ECONNRESET", "EPIPE" });
    }

    private string Socket => Path.Combine(_directory, "run", "operator.sock");

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync(path, body, OperatorJson.Options);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<T>(OperatorJson.Options))!;
    }
}
