using Castellan.Workflows;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Castellan.AgentRuntime.Hosting;

/// <summary>Ready means attached: work that the sidecar has for this agent reaches it.</summary>
internal sealed class WorkerReadiness(WorkerConnection connection) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        connection.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"the worker is not attached to its sidecar and keeps trying: {connection.Problem ?? "it has not answered yet"}"));
}
