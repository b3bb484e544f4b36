using System.Text.Json.Nodes;
using Castellan.SpiffeIdentity.Tests.Tls;
using Castellan.SpiffeIdentity.Tests.WorkloadApi;
using Castellan.Testing;

namespace Castellan.SpiffeIdentity.Tests.Clients;

/// <summary>Debian's go-spiffe, compiled with Debian's Go, on our socket and against our TLS.</summary>
public sealed class GoSpiffeTests : IAsyncLifetime
{
    private const string Gateway = "spiffe://castellan.local/ns/castellan-system/sa/gateway";
    private TestWorkloadApi _api = null!;
    private string _program = "";

    public async Task InitializeAsync()
    {
        _program = (await ClientProcess.RunAsync(
            Path.Combine(Repository.Root, "scripts", "go-spiffe"), Path.Combine(Repository.Root, "test", "SpiffeIdentity.Tests", "Clients", "go"))).Trim();
        _api = await TestWorkloadApi.StartAsync();
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Fetch_GivesSvidsThatGoSpiffeVerifies()
    {
        _api.Entitled = _ => [new(SpiffeId.Parse(TestWorkloadApi.Web), "internal"), new(SpiffeId.Parse("spiffe://castellan.local/other"), "external")];
        var said = Merge(await ClientProcess.LinesAsync(_program, "fetch", Socket));
        Assert.Equal([TestWorkloadApi.Web, "spiffe://castellan.local/other"], said["x509"].Select(v => (string)v!));
        Assert.Equal(["internal", "external"], said["hint"].Select(v => (string)v!));
        Assert.Equal(2, (int)said["chain"][0]!);
        Assert.Equal(TestWorkloadApi.Web, (string)said["jwt"][0]!);
        Assert.Equal("InvalidArgument", (string)said["otherAudience"][0]!);
    }

    [Fact]
    public async Task Codes_AreThoseThatGrpcGoExpects()
    {
        var said = Merge(await ClientProcess.LinesAsync(_program, "codes", Socket));
        Assert.Equal(
            ["noHeader InvalidArgument", "witProfile Unimplemented", "compressed Unimplemented", "oversized ResourceExhausted", "deadline DeadlineExceeded"],
            said.Select(s => $"{s.Key} {s.Value[0]}"));
    }

    [Fact]
    public async Task Watch_WhenTheAuthorityRotates_SeesTheNewSvidOnTheSameStream()
    {
        await using var watch = ClientProcess.Start(_program, "watch", Socket);
        var first = await watch.NextAsync();
        Assert.Equal(TestWorkloadApi.Web, (string)first["id"]!);
        await _api.Authority.RotateSigningCaAsync(default);
        var second = await watch.NextAsync();
        Assert.NotEqual((string)first["serial"]!, (string)second["serial"]!);
    }

    [Fact]
    public async Task Mtls_WhenGoIsTheServer_KnowsUsAndRefusesOthers()
    {
        await using var server = ClientProcess.Start(_program, "serve", Socket, Gateway);
        var address = new Uri($"https://127.0.0.1:{(int)(await server.NextAsync())["port"]!}/");
        using var gateway = Client(Gateway);
        Assert.Equal($"hello {Gateway}", await gateway.GetStringAsync(address));
        using var other = Client("spiffe://castellan.local/ns/default/sa/other");
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetStringAsync(address));
    }

    [Fact]
    public async Task Mtls_WhenGoIsTheClient_IsKnownToUs()
    {
        await using var pair = await TlsPair.StartAsync(SpiffeTls.Server(FixedSource.Of(_api.Authority, Gateway), SpiffeAuthorizer.Exactly(SpiffeId.Parse(TestWorkloadApi.Web))));
        var answer = Assert.Single(await ClientProcess.LinesAsync(_program, "get", Socket, new Uri(pair.Address, "/peer").AbsoluteUri, Gateway));
        Assert.StartsWith($"{TestWorkloadApi.Web} ", (string)answer["body"]!, StringComparison.Ordinal);
    }

    private string Socket => "unix://" + _api.SocketPath;

    private HttpClient Client(string id) =>
        new(SpiffeTls.CreateHandler(FixedSource.Of(_api.Authority, id), SpiffeAuthorizer.Exactly(SpiffeId.Parse(TestWorkloadApi.Web)))) { Timeout = TimeSpan.FromSeconds(60) };

    private static Dictionary<string, List<JsonNode?>> Merge(IEnumerable<JsonNode> lines) =>
        lines.SelectMany(l => l.AsObject()).GroupBy(m => m.Key).ToDictionary(g => g.Key, g => g.Select(m => m.Value).ToList());
}
