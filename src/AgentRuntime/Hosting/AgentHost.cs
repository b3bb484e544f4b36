using Castellan.AgentApi.Workloads;
using Castellan.AgentRuntime.Runs;
using Castellan.GatewayApi;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentRuntime.Hosting;

/// <summary>
/// The process of an agent pod: an identity, a worker attached to the gateway or to the pod's own daprd, its card over mutual TLS, probes. It
/// listens for nothing else.
/// </summary>
internal static class AgentHost
{
    /// <param name="environment">What the controller said.</param>
    /// <param name="identity">This pod's identity; <see langword="null"/> takes it from the Workload API.</param>
    /// <param name="ports">Ports for mutual TLS and probes.</param>
    /// <param name="dapr">The pod's own sidecar, on that backend; <see langword="null"/> takes it from daprd's environment variables.</param>
    /// <param name="program">Registers what runs; <see langword="null"/> takes the loop of model turns and tool calls.</param>
    public static WebApplication Build(
        AgentEnvironment environment, IX509Source? identity = null, (int Mtls, int Probes)? ports = null, TaskHubEndpoint? dapr = null, Action<WorkflowRuntimeOptions>? program = null)
    {
        var builder = ServiceHost.CreateBuilder();
        if (identity is null) builder.AddWorkloadIdentity();
        else builder.AddWorkloadIdentity(identity);
        var (mtls, probes) = ports ?? (WorkloadPorts.Mtls, WorkloadPorts.Probes);
        builder.ListenMtls(environment.PodIp, mtls, SpiffeAuthorizer.Exactly(environment.GatewayId, environment.ControllerId));
        builder.AddProbes(environment.PodIp, probes);
        builder.Services.AddHealthChecks().AddCheck<WorkerReadiness>("worker");
        builder.Services.AddSingleton(services => new GatewayClient(new HttpClient(HandlerTo(environment, services))
        {
            BaseAddress = environment.Gateway,
            Timeout = Timeout.InfiniteTimeSpan, // calls may wait long; CallActivity has its own limit
        }));
        builder.Services.AddDaprWorkflow(options =>
        {
            options.JsonOptions = GatewayJson.Options;
            (program ?? Loop)(options);
        });
        if (environment.Backend == WorkflowBackend.Dapr)
        {
            AddRelay(builder.Services, dapr);
        }
        else
        {
            builder.Services.UseSidecar(services => new TaskHubEndpoint(environment.Gateway, HandlerTo(environment, services)));
        }
        var app = builder.Build();
        app.MapOwnCard(environment);
        return app;
    }

    private static void Loop(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<AgentRun>(RunInput.Orchestration);
        options.RegisterActivity<CallActivity>(CallActivity.Model);
        options.RegisterActivity<CallActivity>(CallActivity.Tool);
    }

    // The gateway cannot reach this pod's daprd, so the pod fetches what the gateway wants of it. Registered after the worker, it stops before it.
    private static void AddRelay(IServiceCollection services, TaskHubEndpoint? dapr)
    {
        if (dapr is not null) services.UseSidecar(_ => dapr);
        services.AddSingleton<Insistence>().AddSingleton<SidecarRuns>().AddSingleton<RunRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<RunRelay>());
        services.AddHealthChecks().AddCheck<RelayReadiness>("relay");
    }

    private static SocketsHttpHandler HandlerTo(AgentEnvironment environment, IServiceProvider services) =>
        SpiffeTls.CreateHandler(services.GetRequiredService<IX509Source>(), SpiffeAuthorizer.Exactly(environment.GatewayId));
}
