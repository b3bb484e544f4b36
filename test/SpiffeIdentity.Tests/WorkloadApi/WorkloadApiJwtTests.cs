using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

public sealed class WorkloadApiJwtTests
{
    [Fact]
    public async Task FetchJwtSvid_WhenEntitled_GivesTokensThatValidateJwtSvidAccepts()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = Channel(api);
        var response = await channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "reports" } });
        var svid = Assert.Single(response.Svids);
        Assert.Equal(TestWorkloadApi.Web, svid.SpiffeId);
        var verdict = await channel.UnaryAsync(WorkloadApiMethods.ValidateJwtSvid, new ValidateJWTSVIDRequest { Audience = "reports", Svid = svid.Svid });
        Assert.Equal((TestWorkloadApi.Web, "reports"), (verdict.SpiffeId, verdict.Claims.Fields["aud"].ListValue.Values[0].StringValue));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.ValidateJwtSvid, new ValidateJWTSVIDRequest { Audience = "other", Svid = svid.Svid })));
    }

    [Fact]
    public async Task FetchJwtSvid_WhenSeveralIdentities_GivesAllOrTheOneAskedFor()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = _ => [new(SpiffeId.Parse("spiffe://castellan.local/a"), "x"), new(SpiffeId.Parse("spiffe://castellan.local/b"))];
        using var channel = Channel(api);
        Assert.Equal(2, (await channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "a" } })).Svids.Count);
        var one = await channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "a" }, SpiffeId = "spiffe://castellan.local/b" });
        Assert.Equal("spiffe://castellan.local/b", Assert.Single(one.Svids).SpiffeId);
    }

    [Fact]
    public async Task Jwt_WhenRequestIsWrong_AnswersTheRightCode()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = Channel(api);
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest())));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "" } })));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "a" }, SpiffeId = "nonsense" })));
        Assert.Equal(StatusCode.PermissionDenied, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "a" }, SpiffeId = "spiffe://castellan.local/dba" })));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.ValidateJwtSvid, new ValidateJWTSVIDRequest { Audience = "a" })));
        api.Entitled = _ => [];
        Assert.Equal(StatusCode.PermissionDenied, await CodeAsync(channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, new JWTSVIDRequest { Audience = { "a" } })));
    }

    [Fact]
    public async Task FetchJwtBundles_WhenKeysChange_PushesOnTheSameStream()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = Channel(api);
        await using var stream = channel.ServerStreamingAsync(WorkloadApiMethods.FetchJwtBundles, new JWTBundlesRequest()).GetAsyncEnumerator();
        for (var keys = 1; keys <= 2; keys++)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
            var bundle = TrustBundle.Parse(TestWorkloadApi.Domain, stream.Current.Bundles["spiffe://castellan.local"].Memory);
            Assert.Equal((0, keys), (bundle.X509Authorities.Count, bundle.JwtAuthorities.Count));
            await api.Authority.RotateSigningCaAsync(default);
        }
    }

    private static GrpcChannel Channel(TestWorkloadApi api) =>
        GrpcChannel.ForUnixSocket(api.SocketPath, new() { Metadata = [new("workload.spiffe.io", "true")] });

    private static async Task<StatusCode> CodeAsync(Task call) => (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode;
}
