using Castellan.AgentApi.Workloads;
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

    internal static Task<EmbeddedSidecar> OpenAsync(Store store, GatewaySetup setup, ILoggerFactory logs, CancellationToken ct) =>
        EmbeddedSidecar.StartAsync(store, new EmbeddedSidecarOptions
        {
            LocalHubs = [HubName],
            Clock = setup.Clock,
            Loggers = logs,
            Retention = Retention(setup),
            ClaimRetention = Retention(setup), // a call's row says for ever that it has ended
        }, ct);

    private static TimeSpan? Retention(GatewaySetup setup) => setup.Options.Workflows.RetentionDays is > 0 and var days ? TimeSpan.FromDays(days) : null;

    /// <summary>Registers the worker that runs calls, and the hub it works for; it attaches when the application starts.</summary>
    internal static IServiceCollection AddCallWorker(this IServiceCollection services, GatewaySetup setup, EmbeddedSidecar sidecar)
    {
        services.AddWorker();
        if (setup.Options.Workflows.Backend == WorkflowBackend.Embedded)
        {
            return services.AddSingleton<ICallHub, EmbeddedCallHub>().UseInMemory(sidecar.Hub(HubName));
        }

        // Without an endpoint from the composer, daprd is where its environment variables say.
        return (setup.Dapr is { } endpoint ? services.UseSidecar(_ => endpoint) : services).AddSingleton<ICallHub, DaprCallHub>();
    }

    private static IServiceCollection AddWorker(this IServiceCollection services) => services.AddDaprWorkflow(options =>
    {
        options.JsonOptions = GatewayJson.Options;
        options.MaxConcurrentActivities = 256;
        options.RegisterWorkflow<CallOrchestration>();
        options.RegisterActivity<CallEffect>();
        options.RegisterActivity<SettleApproval>();
        options.RegisterActivity<CloseCall>();
        options.RegisterActivity<ReportCall>();
    });
}
