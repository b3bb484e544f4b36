using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

public sealed class WorkloadApiTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task FetchX509_WhenAttested_GivesAnSvidAndTheBundle()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var client = api.Client();
        var context = await client.FetchX509Async(default);
        Assert.Equal(TestWorkloadApi.Web, context.Svid.Id.ToString());
        Assert.Equal(context.Svid.Id, X509SvidVerifier.Verify(context.Svid.Chain, context.Bundles, api.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task Attestation_SeesTheVeryProcessThatConnected()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var client = api.Client();
        await client.FetchX509Async(default);
        Assert.Equal(Environment.ProcessId, api.LastProcess!.Pid);
        Assert.Equal(WorkloadPeer.StartTime(Environment.ProcessId), api.LastProcess.StartTimeTicks);
        Assert.Equal(await IdAsync("-u"), api.LastProcess.Uid);
        Assert.Equal(await IdAsync("-g"), api.LastProcess.Gid);
    }

    [Fact]
    public async Task FetchX509_WhenNotEntitled_IsDenied()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = _ => [];
        using var client = api.Client();
        var error = await Assert.ThrowsAsync<RpcException>(() => client.FetchX509Async(default));
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
    }

    [Fact]
    public async Task FetchX509_WhenSeveralIdentities_KeepsOrderAndFirstOfEqualHints()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = _ => [Identity("a", "x"), Identity("b", "x"), Identity("c", ""), Identity("d", "y")];
        using var client = api.Client();
        var context = await client.FetchX509Async(default);
        Assert.Equal(["/a", "/c", "/d"], context.Svids.Select(s => s.Id.Path));
        Assert.Equal(["x", "", "y"], context.Svids.Select(s => s.Hint));
    }

    [Theory]
    [InlineData()]
    [InlineData("True")]
    [InlineData("true", "true")]
    public async Task Any_WhenSecurityHeaderIsNotExact_AnswersInvalidArgument(params string[] values)
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = GrpcChannel.ForUnixSocket(api.SocketPath, new() { Metadata = [.. values.Select(v => KeyValuePair.Create("workload.spiffe.io", v))] });
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(WorkloadApiMethods.FetchX509Svid, new X509SVIDRequest()));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    [Theory]
    [InlineData("SpiffeWorkloadAPI", "FetchWITSVID")]
    [InlineData("SpiffeWorkloadAPI", "FetchWITBundles")]
    [InlineData("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo")]
    public async Task Any_WhenMethodIsUnknown_AnswersUnimplemented(string service, string name)
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = Channel(api);
        var method = new GrpcMethod<X509SVIDRequest, X509SVIDResponse>(service, name, X509SVIDRequest.Parser, X509SVIDResponse.Parser);
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(method, new X509SVIDRequest()))).StatusCode);
    }

    [Fact]
    public async Task FetchX509_WhenAHintIsTooLong_LeavesItOutAndKeepsTheIdentity()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = _ => [Identity("a", new string('é', 600)), Identity("b", new string('x', 1024))];
        using var client = api.Client();
        Assert.Equal([0, 1024], (await client.FetchX509Async(default)).Svids.Select(s => s.Hint.Length));
    }

    [Fact]
    public async Task Client_FetchesTokensAndBundlesAndHasTokensValidated()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = _ => [Identity("a", "x"), Identity("b", "")];
        using var client = api.Client();
        var tokens = await client.FetchJwtAsync(["reports"], null, default);
        Assert.Equal([("/a", "x"), ("/b", "")], tokens.Select(t => (t.Id.Path, t.Hint)));
        var bundles = await client.FetchJwtBundlesAsync(default);
        Assert.Equal(tokens[1].Id, JwtSvidVerifier.Verify(tokens[1].Token, bundles.GetValueOrDefault, "reports", api.Clock.GetUtcNow()).Id);
        Assert.Equal(tokens[0].Id, await client.ValidateJwtAsync(tokens[0].Token, "reports", default));
        Assert.Equal("/b", Assert.Single(await client.FetchJwtAsync(["reports"], tokens[1].Id, default)).Id.Path);
        Assert.Single((await client.FetchX509BundlesAsync(default)).Find(TestWorkloadApi.Domain)!.Authorities);
        api.Authority.Denials.Add(tokens[0].Id);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => client.ValidateJwtAsync(tokens[0].Token, "reports", default))).StatusCode);
        Assert.Equal("/b", Assert.Single(await client.FetchJwtAsync(["reports"], null, default)).Id.Path);
    }

    [Fact]
    public async Task WatchX509_WhenHalfOfTheLifeHasPassed_PushesANewSvidOnTheSameStream()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var client = api.Client();
        await using var watch = client.WatchX509Async(Fail, default).GetAsyncEnumerator();
        var first = await NextAsync(watch);
        await api.Clock.WaitForTimerAsync();
        api.Clock.Advance(TimeSpan.FromMinutes(37)); // half of an hour and the jitter
        var second = await NextAsync(watch);
        Assert.NotEqual(first.Svid.Leaf.SerialNumber, second.Svid.Leaf.SerialNumber);
        Assert.True(second.Svid.NotAfter > first.Svid.NotAfter);
    }

    [Fact]
    public async Task WatchX509_WhenIdentityIsWithdrawn_EndsInsteadOfRenewing()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var client = api.Client();
        using var stop = new CancellationTokenSource();
        var denied = new TaskCompletionSource<Exception>();
        await using var watch = client.WatchX509Async(e => denied.TrySetResult(e), stop.Token).GetAsyncEnumerator();
        await NextAsync(watch);
        api.Entitled = _ => [];
        var next = watch.MoveNextAsync().AsTask();
        await api.Authority.RotateSigningCaAsync(default);
        Assert.Equal(StatusCode.PermissionDenied, Assert.IsType<RpcException>(await denied.Task.WaitAsync(s_patience)).StatusCode);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task FetchX509Bundles_WhenNothingChanges_SendsOnce()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var channel = Channel(api);
        await using var stream = channel.ServerStreamingAsync(WorkloadApiMethods.FetchX509Bundles, new X509BundlesRequest()).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        var bundle = X509Bundle.Parse(TestWorkloadApi.Domain, stream.Current.Bundles["spiffe://castellan.local"].Span);
        Assert.Equal(api.Authority.Bundle.X509Authorities.Single().RawData, bundle.Authorities.Single().RawData);
        var next = stream.MoveNextAsync().AsTask();
        await api.Authority.RotateSigningCaAsync(default); // JWT keys change, X.509 authorities do not
        await api.DisposeAsync();
        await Assert.ThrowsAsync<RpcException>(() => next.WaitAsync(s_patience));
    }

    [Fact]
    public async Task Source_WhenServerRestarts_ReconnectsAndKeepsTheOldSvidMeanwhile()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        await using var source = await WorkloadApiSource.StartAsync(api.Client(), null, default);
        var before = source.Current.Svid;
        var changed = new TaskCompletionSource();
        using var registration = source.ChangeToken.RegisterChangeCallback(_ => changed.SetResult(), null);
        await api.Server.DisposeAsync();
        Assert.Same(before, source.Current.Svid);
        await api.StartServerAsync();
        await api.Clock.WaitForTimerAsync();
        api.Clock.Advance(TimeSpan.FromSeconds(30)); // the longest backoff
        await changed.Task.WaitAsync(s_patience);
        Assert.NotSame(before, source.Current.Svid);
    }

    [Fact]
    public async Task Source_WhenSvidHasExpired_RefusesToGiveIt()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        await using var source = await WorkloadApiSource.StartAsync(api.Client(), null, default);
        await api.Server.DisposeAsync();
        api.Clock.Advance(TimeSpan.FromHours(2));
        Assert.False(source.IsReady);
        Assert.Contains("expired", Assert.Throws<SvidUnavailableException>(() => source.Current).Message);
    }

    [Fact]
    public async Task Source_WhenNobodyServes_SaysWhyAtTheEndOfTheWait()
    {
        using var stop = new CancellationTokenSource();
        var client = new WorkloadApiClient(WorkloadApiAddress.ForSocket("/nonexistent/w.sock"), new ManualTimeProvider(TimeProvider.System.GetUtcNow()));
        var starting = WorkloadApiSource.StartAsync(client, null, stop.Token);
        await stop.CancelAsync();
        Assert.Contains("/nonexistent/w.sock", (await Assert.ThrowsAsync<SvidUnavailableException>(() => starting)).Message);
    }

    [Fact]
    public async Task Start_WhenSocketIsServedOrStale_RefusesOrTakesIt()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        await Assert.ThrowsAsync<IOException>(api.StartServerAsync);
        await api.Server.DisposeAsync();
        await File.WriteAllTextAsync(api.SocketPath, ""); // what a killed process leaves
        await api.StartServerAsync();
        using var client = api.Client();
        await client.FetchX509Async(default);
    }

    [Fact]
    public async Task AuthoritySource_WhenHalfOfTheLifeHasPassed_Renews()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        await using var source = new AuthorityX509Source(api.Authority, SpiffeId.Parse(TestWorkloadApi.Web));
        var before = source.Current.Svid;
        var changed = new TaskCompletionSource();
        using var registration = source.ChangeToken.RegisterChangeCallback(_ => changed.SetResult(), null);
        await api.Clock.WaitForTimerAsync();
        api.Clock.Advance(TimeSpan.FromMinutes(37));
        await changed.Task.WaitAsync(s_patience);
        Assert.NotSame(before, source.Current.Svid);
    }

    private static WorkloadIdentity Identity(string path, string hint) => new(SpiffeId.FromSegments(TestWorkloadApi.Domain, path), hint);

    private static GrpcChannel Channel(TestWorkloadApi api) =>
        GrpcChannel.ForUnixSocket(api.SocketPath, new() { Metadata = [new("workload.spiffe.io", "true")] });

    private static async Task<X509Context> NextAsync(IAsyncEnumerator<X509Context> watch)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(s_patience));
        return watch.Current;
    }

    private static void Fail(Exception problem) => Assert.Fail(problem.ToString());

    private static async Task<int> IdAsync(string option)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("id", option) { RedirectStandardOutput = true })!;
        return int.Parse(await process.StandardOutput.ReadToEndAsync());
    }
}
