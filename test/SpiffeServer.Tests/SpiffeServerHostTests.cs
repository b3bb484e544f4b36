using System.Net;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Castellan.SpiffeServer.Tests;

public sealed class SpiffeServerHostTests
{
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("spiffe-server").FullName, "data");

    [Fact]
    public async Task Start_WhenStartedAgain_GoesOnWithTheSameAuthority()
    {
        byte[] first;
        await using (var host = await StartAsync(new()))
        {
            first = host.Authority.Bundle.Export();
        }

        await using var again = await StartAsync(new());
        Assert.Equal(first, again.Authority.Bundle.Export());
    }

    [Fact]
    public async Task BundleEndpoint_WhenAsked_ProvesItselfAndServesTheNewestBundle()
    {
        await using var host = await StartAsync(new() { BundleEndpoint = "127.0.0.1:0" });
        await using var source = new AuthorityX509Source(host.Authority, SpiffeId.Parse("spiffe://castellan.local/anyone"));
        var endpointId = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/spiffe-server");
        using var client = new HttpClient(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(endpointId)));
        await host.Authority.RotateSigningCaAsync(default);
        using var response = await client.GetAsync(host.BundleEndpointAddress);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var bundle = TrustBundle.Parse(host.Authority.TrustDomain, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal((2L, 2), (bundle.Sequence!.Value, bundle.JwtAuthorities.Count));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(host.BundleEndpointAddress!, "/keys"))).StatusCode);
    }

    [Fact]
    public async Task Start_WhenOptionsHaveFaults_ListsThemAll()
    {
        var options = new SpiffeServerOptions { TrustDomain = "Upper", BundleEndpoint = "nowhere", X509SvidTtlSeconds = 1 };
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => SpiffeServerHost.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, default));
        Assert.Equal(["TrustDomain", "DataDirectory", "BundleEndpoint", "X509SvidTtlSeconds"], error.Failures.Select(f => f.Split(':', ' ')[1]));
    }

    private Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options)
    {
        options.TrustDomain = "castellan.local";
        options.DataDirectory = _directory;
        return SpiffeServerHost.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, default);
    }
}
