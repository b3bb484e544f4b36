using System.Net;
using Castellan.ServiceDefaults.Access;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Identity;

/// <summary>Gives a host its X.509-SVID and listeners that demand one of every peer.</summary>
public static class WorkloadIdentityRegistration
{
    /// <summary>
    /// Registers <see cref="IX509Source"/> and <see cref="IJwtBundleSource"/> over the Workload API of <c>SPIFFE_ENDPOINT_SOCKET</c> (or <paramref name="address"/>), and
    /// readiness that fails while no SVID is held.
    /// </summary>
    public static WebApplicationBuilder AddWorkloadIdentity(this WebApplicationBuilder builder, WorkloadApiAddress? address = null)
    {
        address ??= WorkloadApiAddress.FromEnvironment();
        builder.Services.AddSingleton<IX509Source>(services => WorkloadApiSource.Open(
            new WorkloadApiClient(address), services.GetRequiredService<ILoggerFactory>().CreateLogger<WorkloadApiSource>()));
        builder.Services.AddSingleton<IJwtBundleSource>(services => new WorkloadApiJwtBundles(
            new WorkloadApiClient(address), services.GetRequiredService<ILoggerFactory>().CreateLogger<WorkloadApiJwtBundles>()));
        return builder.AddIdentityReadiness();
    }

    /// <summary>Registers a source that the composer made; the host does not dispose it.</summary>
    public static WebApplicationBuilder AddWorkloadIdentity(this WebApplicationBuilder builder, IX509Source source)
    {
        builder.Services.AddSingleton(source);
        return builder.AddIdentityReadiness();
    }

    /// <summary>Opens a mutual-TLS listener; <c>HttpContext.PeerSpiffeId()</c> names the peer.</summary>
    /// <param name="builder">The host; an identity must be registered.</param>
    /// <param name="address">The pod's IP, or loopback.</param>
    /// <param name="port">0 takes any free port.</param>
    /// <param name="authorizer">Who may connect.</param>
    public static WebApplicationBuilder ListenMtls(this WebApplicationBuilder builder, IPAddress address, int port, SpiffeAuthorizer authorizer)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IX509Source, ILoggerFactory, IServiceProvider>((kestrel, source, loggers, services) =>
            kestrel.Listen(address, port, listen =>
                listen.UseHttps(SpiffeTls.Server(
                    source, authorizer, logger: loggers.CreateLogger(typeof(SpiffeTls).FullName!), refused: peer => services.GetService<RefusedPeerReporter>()?.Take(peer)))));
        return builder;
    }

    private static WebApplicationBuilder AddIdentityReadiness(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService(services => new SvidExpiry(services.GetRequiredService<IX509Source>()));
        builder.Services.AddHealthChecks().Add(new("identity", services => new IdentityReadiness(services.GetRequiredService<IX509Source>()), null, null));
        return builder;
    }

    private sealed class IdentityReadiness(IX509Source source) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                return Task.FromResult(HealthCheckResult.Healthy(source.Current.Svid.Id.ToString()));
            }
            catch (SvidUnavailableException e)
            {
                return Task.FromResult(HealthCheckResult.Unhealthy(e.Message));
            }
        }
    }
}
