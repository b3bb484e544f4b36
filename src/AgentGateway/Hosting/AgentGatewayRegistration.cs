using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Hosting;

/// <summary>Puts the gateway into a host.</summary>
public static class AgentGatewayRegistration
{
    /// <summary>Adds the gateway as a hosted service, with its own two listeners, and its readiness.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="setup">What the gateway needs, from the services of the host.</param>
    public static IServiceCollection AddAgentGateway(this IServiceCollection services, Func<IServiceProvider, GatewaySetup> setup)
    {
        services.AddSingleton(provider => new AgentGatewayHost(setup(provider), provider.GetRequiredService<ILoggerFactory>()));
        services.AddHealthChecks().Add(new HealthCheckRegistration("gateway", provider => new GatewayReadiness(provider.GetRequiredService<AgentGatewayHost>()), null, null));
        return services.AddHostedService(provider => provider.GetRequiredService<AgentGatewayHost>());
    }

    private sealed class GatewayReadiness(AgentGatewayHost gateway) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            !gateway.IsStarted ? HealthCheckResult.Unhealthy("the gateway has not started")
            : gateway.SidecarProblem is { } problem ? HealthCheckResult.Unhealthy($"the gateway is not attached to the sidecar of its calls: {problem}")
            : gateway.PolicyFaults is { Count: > 0 } faults ? HealthCheckResult.Healthy($"policies with faults, their last good versions are in force: {string.Join("; ", faults)}")
            : HealthCheckResult.Healthy());
    }
}
