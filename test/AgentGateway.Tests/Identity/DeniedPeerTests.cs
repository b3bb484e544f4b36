using System.Net;
using Castellan.AgentGateway.Tests.World;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Tests.Identity;

/// <summary>An identity that an operator denies is out at once, wherever it stands.</summary>
public sealed class DeniedPeerTests : IAsyncLifetime
{
    private static readonly SpiffeId s_agent = SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage");
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Listener_WhenAPeerIsDenied_ClosesWhatStandsAndLetsItInNoMore()
    {
        await using var source = new AuthorityX509Source(_world.Authority, s_agent);
        using var agent = Client(source);
        await using var other = new AuthorityX509Source(_world.Authority, SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-other"));
        using var bystander = Client(other);
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(agent));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(bystander));

        _world.Denials.Add(s_agent);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(agent)); // the connection that stood is closed, a new one refused
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(agent));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(bystander));

        _world.Denials.Remove(s_agent);
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(agent));
    }

    private HttpClient Client(IX509Source source) => new(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId)))
    {
        BaseAddress = _world.Workload,
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<HttpStatusCode> AskAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/v1/runs/none/calls/none");
        return response.StatusCode;
    }
}
