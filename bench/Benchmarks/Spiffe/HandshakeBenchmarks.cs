using System.Net;
using BenchmarkDotNet.Attributes;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Benchmarks.Spiffe;

/// <summary>One mutual-TLS connection and request each (both sides in this process), beside a request on a standing connection.</summary>
[MemoryDiagnoser]
public class HandshakeBenchmarks
{
    private static readonly SpiffeId s_server = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/tools");
    private static readonly SpiffeId s_client = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/gateway");
    private AuthorityX509Source _clientSource = null!;
    private WebApplication _app = null!;
    private Uri _address = null!;
    private HttpClient _standing = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        var authority = await Authority.OpenAsync(new() { TrustDomain = s_server.TrustDomain }, default);
        var source = new AuthorityX509Source(authority, s_server);
        _clientSource = new(authority, s_client);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.UseHttps(SpiffeTls.Server(source, SpiffeAuthorizer.Exactly(s_client)))));
        _app = builder.Build();
        _app.MapGet("/", () => "ok");
        await _app.StartAsync();
        _address = new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _standing = Client();
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        _standing.Dispose();
        await _app.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public Task<string> RequestOnStandingConnection() => _standing.GetStringAsync(_address);

    [Benchmark]
    public async Task<string> ConnectionAndRequest()
    {
        using var client = Client();
        return await client.GetStringAsync(_address);
    }

    private HttpClient Client() => new(SpiffeTls.CreateHandler(_clientSource, SpiffeAuthorizer.Exactly(s_server)));
}
