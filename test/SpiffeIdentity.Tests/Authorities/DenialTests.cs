using Castellan.Rpc;
using Castellan.SpiffeIdentity.Tests.WorkloadApi;

namespace Castellan.SpiffeIdentity.Tests.Authorities;

public sealed class DenialTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly SpiffeId s_web = SpiffeId.Parse(TestWorkloadApi.Web);
    private static readonly SpiffeId s_other = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/other");

    [Fact]
    public async Task Issue_WhenDenied_Throws()
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = s_web.TrustDomain }, default);
        Assert.True(authority.Denials.Add(s_web));
        Assert.False(authority.Denials.Add(s_web));
        Assert.Throws<IdentityDeniedException>(() => authority.IssueX509(s_web));
        Assert.Throws<IdentityDeniedException>(() => authority.IssueJwt(s_web, ["a"]));
        Assert.Equal(s_other, authority.IssueX509(s_other).Id);
        Assert.True(authority.Denials.Remove(s_web));
        Assert.Equal(s_web, authority.IssueX509(s_web).Id);
    }

    [Fact]
    public void List_WithAFile_OutlivesTheProcess()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("denied").FullName, "denied.txt");
        var list = DenialList.Open(file);
        list.Add(s_web);
        list.Add(s_other);
        list.Remove(s_other);
        Assert.Equal([s_web], DenialList.Open(file).Denied);
        File.AppendAllText(file, "nonsense\n");
        Assert.Contains("nonsense", Assert.Throws<AuthorityStateException>(() => DenialList.Open(file)).Message);
    }

    [Fact]
    public void Authorizer_WhenThePeerIsDenied_RefusesIt()
    {
        var list = new DenialList();
        var rule = SpiffeAuthorizer.InTrustDomain(s_web.TrustDomain).ExceptDenied(list);
        Assert.True(rule.Allows(s_web));
        list.Add(s_web);
        Assert.False(rule.Allows(s_web));
        Assert.True(rule.Allows(s_other));
    }

    [Fact]
    public async Task WatchX509_WhenDenied_EndsAndWhenAnotherIsDenied_SendsNothing()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        using var client = api.Client();
        using var stop = new CancellationTokenSource();
        var denied = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var watch = client.WatchX509Async(e => denied.TrySetResult(e), stop.Token).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(s_patience));
        var next = watch.MoveNextAsync().AsTask();
        api.Authority.Denials.Add(s_other);
        Assert.False(next.IsCompleted);
        api.Authority.Denials.Add(s_web);
        Assert.Equal(StatusCode.PermissionDenied, Assert.IsType<RpcException>(await denied.Task.WaitAsync(s_patience)).StatusCode);
        Assert.False(next.IsCompleted); // the denial of the other identity sent no SVID before
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }
}
