using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Castellan.SpiffeAgent.Stdio;

/// <summary>Ready when the command has answered MCP's first exchange and runs.</summary>
internal sealed class StdioReadiness(StdioBridge bridge) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) => Task.FromResult(
        bridge.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the command has not answered yet"));
}
