using Castellan.Rpc;
using Castellan.SpiffeIdentity.Tests.Tls;
using Castellan.SpiffeIdentity.Tests.WorkloadApi;
using Castellan.SpiffeIdentity.Wire;
using Castellan.Testing;

namespace Castellan.SpiffeIdentity.Tests.Clients;

/// <summary>@grpc/grpc-js on our socket, as a client of SDS, and against our TLS.</summary>
public sealed class GrpcJsTests : IAsyncLifetime
{
    private const string Gateway = "spiffe://castellan.local/ns/castellan-system/sa/gateway";
    private TestWorkloadApi _api = null!;
    private string _folder = "";

    public async Task InitializeAsync()
    {
        _folder = await NpmPackages.InstallAsync("SpiffeIdentity.Tests");
        _api = await TestWorkloadApi.StartAsync();
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Fetch_GivesSvidsAndBundles()
    {
        _api.Entitled = _ => [new(SpiffeId.Parse(TestWorkloadApi.Web), "internal"), new(SpiffeId.Parse("spiffe://castellan.local/other"))];
        var said = await ClientProcess.LinesAsync("node", Arguments("fetch"));
        Assert.Equal($$"""{"x509":["{{TestWorkloadApi.Web}}","spiffe://castellan.local/other"],"hints":["internal",""]}""", said[0].ToJsonString());
        Assert.Equal(TestWorkloadApi.Web, (string)said[1]["jwt"]!);
        Assert.Equal("""{"keys":["spiffe://castellan.local"],"uses":["jwt-svid"]}""", said[2].ToJsonString());
        Assert.Equal("INVALID_ARGUMENT", (string)said[3]["noAudience"]!);
    }

    [Theory]
    [InlineData("/run/castellan/workload.sock")] // gRPC for Java
    [InlineData("%2Frun%2Fcastellan%2Fworkload.sock")] // gRPC for Python
    public async Task Fetch_WhenTheAuthorityIsThePathOfTheSocket_IsServed(string authority)
    {
        var answer = Assert.Single(await ClientProcess.LinesAsync("node", Arguments("authority", authority)));
        Assert.Equal([TestWorkloadApi.Web, TestWorkloadApi.Web, TestWorkloadApi.Web], answer["ids"]!.AsArray().Select(id => (string)id!));
    }

    [Fact]
    public async Task Watch_WhenRotatedAndDenied_SeesTheNewSvidAndThenTheEnd()
    {
        await using var watch = ClientProcess.Start("node", Arguments("watch"));
        var first = await watch.NextAsync();
        await _api.Authority.RotateSigningCaAsync(default);
        Assert.NotEqual((string)first["serial"]!, (string)(await watch.NextAsync())["serial"]!);
        _api.Authority.Denials.Add(SpiffeId.Parse(TestWorkloadApi.Web));
        Assert.Equal("PERMISSION_DENIED", (string)(await watch.NextAsync())["problem"]!);
    }

    [Fact]
    public async Task Sds_StreamsCertificateAndValidationContext_AndPushesAtRotation()
    {
        await using var sds = ClientProcess.Start("node", Arguments("sds"));
        var said = new[] { await sds.NextAsync(), await sds.NextAsync(), await sds.NextAsync(), await sds.NextAsync() };
        var stream = said.Single(s => s["version"] is not null);
        Assert.Equal(["default", "ROOTCA"], stream["secrets"]!.AsArray().Select(s => (string)s!["name"]!));
        var certificate = stream["secrets"]![0]!;
        Assert.True((bool)certificate["key"]! && (bool)certificate["fits"]!);
        Assert.True((bool)stream["secrets"]![1]!["authority"]!);

        var fetched = said.Where(s => s["version"] is null).ToList();
        Assert.Equal([TestWorkloadApi.Web, "spiffe://castellan.local"], fetched[0]["fetched"]!.AsArray().Select(s => (string)s!["name"]!));
        Assert.Equal("envoy.tls.cert_validator.spiffe", (string)fetched[1]["fetched"]![0]!["validator"]!);
        Assert.Equal("INVALID_ARGUMENT", (string)fetched[2]["problem"]!);

        await _api.Authority.RotateSigningCaAsync(default); // the receipt of the first answer brought none: this is the next
        var pushed = await sds.NextAsync();
        Assert.Equal("2", (string)pushed["version"]!);
        Assert.NotEqual((string)certificate["serial"]!, (string)pushed["secrets"]![0]!["serial"]!);
        _api.Entitled = _ => [];
        await _api.Authority.RotateSigningCaAsync(default);
        Assert.Equal("PERMISSION_DENIED", (string)(await sds.NextAsync())["problem"]!);
    }

    [Fact]
    public async Task Mtls_WhenNodeIsTheClient_IsKnownToUsAndKnowsUs()
    {
        await using var pair = await TlsPair.StartAsync(SpiffeTls.Server(FixedSource.Of(_api.Authority, Gateway), SpiffeAuthorizer.Exactly(SpiffeId.Parse(TestWorkloadApi.Web))));
        var answer = Assert.Single(await ClientProcess.LinesAsync("node", Arguments("call", pair.Address.Authority, Gateway)));
        Assert.Equal(TestWorkloadApi.Web, (string)answer["answer"]!);
    }

    [Fact]
    public async Task Mtls_WhenNodeIsTheServer_KnowsUsAndRefusesOthers()
    {
        await using var server = ClientProcess.Start("node", Arguments("serve", Gateway));
        var address = new Uri($"https://127.0.0.1:{(int)(await server.NextAsync())["port"]!}");
        Assert.Equal($"hello {Gateway}", await PeerAsync(address, Gateway));
        var error = await Assert.ThrowsAsync<RpcException>(() => PeerAsync(address, "spiffe://castellan.local/ns/default/sa/other"));
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
    }

    private IEnumerable<string> Arguments(string command, params string[] more) =>
        [Path.Combine(_folder, "client.mjs"), Path.Combine(Repository.Root, "src", "SpiffeIdentity", "Protos"), command, _api.SocketPath, .. more];

    private async Task<string> PeerAsync(Uri address, string id)
    {
        using var channel = new GrpcChannel(SpiffeTls.CreateHandler(FixedSource.Of(_api.Authority, id), SpiffeAuthorizer.Exactly(SpiffeId.Parse(TestWorkloadApi.Web))), address);
        return (await channel.UnaryAsync(TlsPair.PeerMethod, new JWTBundlesRequest(), new() { Timeout = TimeSpan.FromSeconds(60) })).SpiffeId;
    }
}
