using System.Security.Cryptography.X509Certificates;
using System.Text;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi.Core;
using Castellan.Rpc;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Pods;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeServer.Tests.Pods;

public sealed class PodAttestationTests(PodWorld world) : IClassFixture<PodWorld>
{
    private const string Triage = "spiffe://castellan.local/ns/default/sa/agent-triage";

    [Fact]
    public async Task Agent_WhenItsTokenIsThePods_ServesThePodsIdentityAndItsRotation()
    {
        var agent = await world.AgentAsync(await world.TokenAsync("agent-triage", await world.CreatePodAsync("agent-triage")));
        await using var source = await WorkloadApiSource.StartAsync(agent.Client(), NullLogger.Instance, world.Patience);
        Assert.Equal(Triage, source.Current.Svid.Id.ToString());
        Assert.Equal(Triage, X509SvidVerifier.Verify(source.Current.Svid.Chain, new(world.Authority.Bundle.X509), DateTimeOffset.UtcNow).ToString());

        using var client = agent.Client();
        var token = Assert.Single(await client.FetchJwtAsync(["reports"], null, world.Patience));
        Assert.Equal(Triage, (await client.ValidateJwtAsync(token.Token, "reports", world.Patience)).ToString());

        // The key never left: another SVID of the same stream has another one, and both chain to the authority.
        var changed = new TaskCompletionSource();
        using var registration = source.ChangeToken.RegisterChangeCallback(_ => changed.TrySetResult(), null);
        var before = source.Current.Svid.Leaf.Thumbprint;
        await world.Authority.RotateSigningCaAsync(default);
        await changed.Task.WaitAsync(world.Patience);
        Assert.NotEqual(before, source.Current.Svid.Leaf.Thumbprint);
    }

    [Fact]
    public async Task Agent_WhenItsIdentityIsDenied_EndsTheStreamsAndComesBackWhenThatIsLifted()
    {
        var agent = await world.AgentAsync(await world.TokenAsync("other", await world.CreatePodAsync("other")));
        using var client = agent.Client();
        var id = await FetchAsync(client);
        world.Authority.Denials.Add(id);
        try
        {
            Assert.Contains(id.ToString(), (await world.PublishedAsync(m => m.Data![TrustConfig.DeniedKey].Length > 0)).Data![TrustConfig.DeniedKey], StringComparison.Ordinal);
            while (true)
            {
                var error = await Record.ExceptionAsync(() => client.FetchX509Async(world.Patience));
                if (error is RpcException { StatusCode: StatusCode.PermissionDenied })
                {
                    break;
                }
            }
        }
        finally
        {
            world.Authority.Denials.Remove(id);
        }

        Assert.Equal(id, await FetchAsync(client));
    }

    [Fact]
    public async Task Agent_WhenTheServerIsNotThePinnedOne_GetsNothing()
    {
        using var impostor = await Authority.OpenAsync(new() { TrustDomain = world.Authority.TrustDomain }, default);
        var agent = await world.AgentAsync(await world.TokenAsync("agent-triage", await world.CreatePodAsync("agent-triage")), pinned: impostor);
        using var client = agent.Client();
        var error = await Assert.ThrowsAsync<RpcException>(() => client.FetchX509Async(world.Patience));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Null(agent.Issuer.Identity);
    }

    [Fact]
    public async Task Agent_WhenTheTokenFileIsReplaced_UsesTheNewOne()
    {
        var pod = await world.CreatePodAsync("agent-triage");
        var agent = await world.AgentAsync("not.a.token");
        using var client = agent.Client();
        await Assert.ThrowsAsync<RpcException>(() => client.FetchX509Async(world.Patience));
        await File.WriteAllTextAsync(Path.Combine(agent.Folder, TrustConfig.TokenFile), await world.TokenAsync("agent-triage", pod));
        Assert.Equal(Triage, (await FetchAsync(client)).ToString());
    }

    [Fact]
    public async Task Attest_WhenThePodIsGone_IsRefused()
    {
        var pod = await world.CreatePodAsync("agent-triage");
        var token = await world.TokenAsync("agent-triage", pod);
        await world.DeleteAsync(pod);
        Assert.Equal(PodTokenFault.PodGone, await FaultAsync(token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("vault")]
    public async Task Attest_WhenTheTokenIsForAnother_IsRefused(string? audience) =>
        Assert.Equal(PodTokenFault.OtherAudience, await FaultAsync(await world.TokenAsync("agent-triage", await world.CreatePodAsync("agent-triage"), audience)));

    [Fact]
    public async Task Attest_WhenTheTokenIsBoundToNoPod_IsRefused() =>
        Assert.Equal(PodTokenFault.NotBoundToPod, await FaultAsync(await world.TokenAsync("agent-triage", pod: null)));

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    public async Task Attest_WhenTheTokenIsNone_IsRefused(string token) => Assert.Equal(PodTokenFault.NotAuthenticated, await FaultAsync(token.Length > 0 ? token : "x"));

    [Fact]
    public async Task Attest_WhenTheSignatureIsForged_IsRefused()
    {
        var token = await world.TokenAsync("agent-triage", await world.CreatePodAsync("agent-triage"));
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Replace("agent-triage", "other", StringComparison.Ordinal);
        Assert.Equal(PodTokenFault.NotAuthenticated, await FaultAsync($"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}"));
    }

    [Fact]
    public async Task Publisher_KeepsTheBundleByWhichPodsKnowTheServer()
    {
        var published = await world.PublishedAsync(m => m.Data!.ContainsKey(TrustConfig.BundleKey));
        var bundle = TrustBundle.Parse(world.Authority.TrustDomain, Encoding.UTF8.GetBytes(published.Data![TrustConfig.BundleKey]));
        Assert.Equal(world.Authority.Bundle.X509Authorities.Select(a => a.Thumbprint), bundle.X509Authorities.Select((X509Certificate2 a) => a.Thumbprint));
    }

    private async Task<SpiffeId> FetchAsync(WorkloadApiClient client)
    {
        // The agent may not have heard from its server yet: then the answer is Unavailable, which clients retry.
        while (true)
        {
            try
            {
                return (await client.FetchX509Async(world.Patience)).Svid.Id;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.PermissionDenied && !world.Patience.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, world.Patience);
            }
        }
    }

    private async Task<PodTokenFault> FaultAsync(string token)
    {
        var attestor = new PodTokenAttestor(world.Kube, world.Authority.TrustDomain, TrustConfig.TokenAudience);
        return (await Assert.ThrowsAsync<PodTokenException>(() => attestor.AttestAsync(token, world.Patience).AsTask())).Fault;
    }
}
