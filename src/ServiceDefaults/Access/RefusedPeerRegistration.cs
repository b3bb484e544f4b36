using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Access;

/// <summary>Lets a host tell the gateway whom it turned away.</summary>
public static class RefusedPeerRegistration
{
    /// <summary>Reports the peers that this host's mutual-TLS listener refuses, under the host's own identity.</summary>
    /// <param name="builder">The host; an identity must be registered.</param>
    /// <param name="gateway">The gateway's workload listener; null (a host that was not told where it is) reports nothing.</param>
    /// <param name="gatewayId">Who must answer there.</param>
    public static WebApplicationBuilder ReportRefusedPeers(this WebApplicationBuilder builder, Uri? gateway, SpiffeId gatewayId)
    {
        if (gateway is null) return builder;
        builder.Services.AddSingleton(services => new RefusedPeerReporter(
            new HttpClient(SpiffeTls.CreateHandler(services.GetRequiredService<IX509Source>(), SpiffeAuthorizer.Exactly(gatewayId))) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) },
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RefusedPeerReporter>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<RefusedPeerReporter>());
        return builder;
    }
}
