using Castellan.AgentRuntime.Runs;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Castellan.AgentRuntime.Hosting;

/// <summary>Ready means, on Dapr, also that the gateway's commands arrive: without them no run begins.</summary>
internal sealed class RelayReadiness(RunRelay relay) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        relay.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"the gateway's commands do not arrive: {relay.Problem ?? "it has not answered yet"}"));
}
