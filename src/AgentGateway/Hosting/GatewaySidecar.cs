using Castellan.AgentGateway.Calls;
using Castellan.GatewayApi;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Hosting;

/// <summary>The embedded sidecar and the gateway's worker in it.</summary>
internal static class GatewaySidecar
{
    /// <summary>The hub of the call orchestrations; it has no network listener.</summary>
    internal const string HubName = "gateway";

    internal static Task<EmbeddedSidecar> OpenAsync(Store store, TimeProvider clock, ILoggerFactory logs, CancellationToken ct) =>
        EmbeddedSidecar.StartAsync(store, new EmbeddedSidecarOptions { LocalHubs = [HubName], Clock = clock, Loggers = logs }, ct);

    /// <summary>Registers the worker that runs calls; it attaches when the application starts.</summary>
    internal static IServiceCollection AddCallWorker(this IServiceCollection services, EmbeddedSidecar sidecar) => services.AddDaprWorkflow(options =>
    {
        options.JsonOptions = GatewayJson.Options;
        options.MaxConcurrentActivities = 256;
        options.RegisterWorkflow<CallOrchestration>();
        options.RegisterActivity<CallEffect>();
        options.RegisterActivity<SettleApproval>();
        options.RegisterActivity<CloseCall>();
        options.RegisterActivity<ReportCall>();
    }).UseInMemory(sidecar.Hub(HubName));
}
