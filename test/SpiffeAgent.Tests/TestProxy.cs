using Castellan.SpiffeAgent.Proxy;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.SpiffeAgent.Tests;

/// <summary>The real proxy on loopback with an SVID of a test authority, and a client that is the gateway.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private const string Gateway = "spiffe://castellan.local/ns/castellan-system/sa/gateway";
    private const string Tools = "spiffe://castellan.local/ns/default/sa/tools-third-party";
    private readonly Authority _authority;
    private readonly List<IAsyncDisposable> _sources;

    private TestProxy(WebApplication app, Authority authority, List<IAsyncDisposable> sources)
    {
        App = app;
        _authority = authority;
        _sources = sources;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        Mtls = addresses.Single(a => a.Scheme == "https");
        Probes = new HttpClient { BaseAddress = addresses.Single(a => a.Scheme == "http") };
        Client = As(Gateway);
    }

    public WebApplication App { get; }

    public Uri Mtls { get; }

    public HttpClient Probes { get; }

    /// <summary>Calls as the gateway.</summary>
    public HttpClient Client { get; }

    public static Task<TestProxy> StartAsync(string? upstream = null, params IReadOnlyList<string> command) => StartAsync(upstream, [], command);

    /// <summary>Starts one that lets in others than the gateway.</summary>
    public static async Task<TestProxy> StartAsync(string? upstream, IReadOnlyList<string> allow, IReadOnlyList<string> command)
    {
        var authority = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("castellan.local") }, default);
        var source = new AuthorityX509Source(authority, SpiffeId.Parse(Tools));
        var app = ProxyHost.Build(
            new() { Address = "127.0.0.1", MtlsPort = 0, ProbePort = 0, GatewayId = Gateway, Allow = allow, Upstream = upstream, Command = command }, source);
        await app.StartAsync();
        return new(app, authority, [source]);
    }

    /// <summary>A trust domain that believes ours, and that ours believes.</summary>
    public async Task<Authority> FederateAsync(string trustDomain)
    {
        var other = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse(trustDomain) }, default);
        other.Federation.Put(_authority.Bundle);
        _authority.Federation.Put(other.Bundle);
        return other;
    }

    public HttpClient As(string id, Authority? issuer = null)
    {
        var source = new AuthorityX509Source(issuer ?? _authority, SpiffeId.Parse(id));
        _sources.Add(source);
        return new(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(SpiffeId.Parse(Tools)))) { BaseAddress = Mtls };
    }

    /// <summary>Asks until the proxy is ready, for at most 30 s.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await Probes.GetAsync("/readyz", patience.Token)).IsSuccessStatusCode)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token); // as the kubelet asks: there is no signal
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Probes.Dispose();
        await App.DisposeAsync();
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        _authority.Dispose();
    }
}
