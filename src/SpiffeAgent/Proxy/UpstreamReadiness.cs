using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Castellan.SpiffeAgent.Proxy;

/// <summary>Ready when the server on loopback answers.</summary>
internal sealed class UpstreamReadiness(UpstreamForwarder forwarder) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        await forwarder.ProblemAsync(cancellationToken).ConfigureAwait(false) is { } problem
            ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy();
}
