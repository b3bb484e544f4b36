using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeAgent.Tests.Proxy;

/// <summary>Who gets through to a server that speaks plain HTTP, when <c>--allow</c> says it.</summary>
public sealed class AllowedPeersTests
{
    [Fact]
    public async Task Connect_WhenAFederatedNamespaceIsAllowed_LetsInItsWorkloadsAlone()
    {
        await using var proxy = await TestProxy.StartAsync("http://127.0.0.1:9/mcp", ["spiffe://partner.example/ns/shop/sa/*"], []);
        using var partner = await proxy.FederateAsync("partner.example");
        using var other = await proxy.FederateAsync("other.example");

        await EventuallyConnectsAsync(proxy.As("spiffe://partner.example/ns/shop/sa/web", partner));

        Assert.False(await ConnectsAsync(proxy.As("spiffe://partner.example/ns/bank/sa/web", partner)));
        Assert.False(await ConnectsAsync(proxy.As("spiffe://other.example/ns/shop/sa/web", other)));
        Assert.False(await ConnectsAsync(proxy.Client));
    }

    [Fact]
    public async Task Connect_WhenADomainIsAllowedButNotFederatedWith_IsRefused()
    {
        await using var proxy = await TestProxy.StartAsync("http://127.0.0.1:9/mcp", ["spiffe://partner.example"], []);
        using var partner = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("partner.example") }, default);
        using var elsewhere = await proxy.FederateAsync("elsewhere.example");
        partner.Federation.Put(elsewhere.Federation.Bundles[0]); // the proxy's own: the partner believes it, but not the other way

        Assert.False(await ConnectsAsync(proxy.As("spiffe://partner.example/ns/shop/sa/web", partner)));
    }

    // The proxy hears of a federated bundle a moment after its authority.
    private static async Task EventuallyConnectsAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await ConnectsAsync(client))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    private static async Task<bool> ConnectsAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.PostAsync("/mcp", null);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
