using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Castellan.SpiffeAgent.Workload;

/// <summary>
/// Serves the Workload API inside a pod: proves the pod to the SPIFFE server by its projected token and hands the identity to whoever
/// reaches the socket, which lies in a volume that only containers of that identity mount.
/// </summary>
internal static class WorkloadHost
{
    /// <summary>The agent's application; <c>/readyz</c> once the server has said who the pod is.</summary>
    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    public static WebApplication Build(WorkloadOptions options)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(WorkloadOptions.Verb, typeof(WorkloadOptions), faults);
        }

        var builder = ServiceHost.CreateBuilder();
        builder.AddProbes(IPAddress.Parse(options.Address), options.ProbePort);
        builder.Services.AddSingleton(services => PodIssuer.Open(IssuerOf(options), services.GetRequiredService<ILoggerFactory>().CreateLogger<PodIssuer>()));
        builder.Services.AddHostedService(services => new SocketProcess(options, services.GetRequiredService<PodIssuer>(), services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddHealthChecks().Add(new("identity", services => new IdentityReadiness(services.GetRequiredService<PodIssuer>()), null, null));
        return builder.Build();
    }

    private static PodIssuerOptions IssuerOf(WorkloadOptions options) => new()
    {
        Server = new Uri(options.Server),
        ServerId = SpiffeId.Parse(options.ServerId),
        TokenFile = Path.Combine(options.Folder, TrustConfig.TokenFile),
        BundleFile = Path.Combine(options.Folder, TrustConfig.BundleKey),
    };

    private sealed class SocketProcess(WorkloadOptions options, PodIssuer issuer, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
    {
        private WorkloadApiServer? _server;

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            var where = new WorkloadApiServerOptions
            {
                SocketPath = WorkloadApiAddress.Parse(options.Socket).SocketPath!,
                Callers = WorkloadCallers.WhoeverReachesTheSocket,
            };
            _server = await WorkloadApiServer.StartAsync(where, issuer, loggers, cancellationToken).ConfigureAwait(false);
        }

        public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _server, null) is { } server)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private sealed class IdentityReadiness(PodIssuer issuer) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
            Task.FromResult(issuer.Identity is { } id ? HealthCheckResult.Healthy(id.ToString()) : HealthCheckResult.Unhealthy(issuer.Problem));
    }
}
