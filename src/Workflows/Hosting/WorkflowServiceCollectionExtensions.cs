using System.Globalization;
using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Sidecar;
using Castellan.Workflows.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows;

/// <summary>Registers a worker and a client of one task hub.</summary>
/// <example>
/// <code>
/// services.AddDaprWorkflow(options =&gt;
/// {
///     options.RegisterWorkflow&lt;AgentRun&gt;();
///     options.RegisterActivity&lt;CallModel&gt;();
/// });
/// services.UseInMemory(_ =&gt; sidecar.Hub("gateway"));                                        // in the sidecar's process, or
/// services.UseSidecar(_ =&gt; new TaskHubEndpoint(gatewayUri, SpiffeTls.CreateHandler(source, gatewayId))); // over mTLS, or
/// // neither: DAPR_GRPC_ENDPOINT, else 127.0.0.1:DAPR_GRPC_PORT (50001), with DAPR_API_TOKEN
/// </code>
/// </example>
public static class WorkflowServiceCollectionExtensions
{
    /// <summary>Registers a client without a worker of its own.</summary>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services) => services.AddClient(new());

    /// <summary>Registers the worker as a hosted service, its <see cref="WorkerConnection"/>, and <see cref="DaprWorkflowClient"/>.</summary>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services, Action<WorkflowRuntimeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WorkflowRuntimeOptions();
        configure(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrentWorkflows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrentActivities, 1);
        services.AddClient(options);
        services.AddSingleton(provider => CreateWorker(provider, options));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<WorkflowWorker>());
        services.AddSingleton(provider => provider.GetRequiredService<WorkflowWorker>().Connection);
        return services;
    }

    /// <summary>Joins worker and client to a hub of an <see cref="EmbeddedSidecar"/> in this process. Stop the host before the sidecar.</summary>
    public static IServiceCollection UseInMemory(this IServiceCollection services, TaskHub hub) => services.UseInMemory(_ => hub);

    /// <summary>Joins worker and client to a hub of an <see cref="EmbeddedSidecar"/> in this process. Stop the host before the sidecar.</summary>
    public static IServiceCollection UseInMemory(this IServiceCollection services, Func<IServiceProvider, TaskHub> hub)
    {
        services.Replace(ServiceDescriptor.Singleton<IWorkSource>(provider => new LocalWorkSource(hub(provider))));
        services.Replace(ServiceDescriptor.Singleton<ITaskHubClient>(provider => hub(provider).Control));
        return services;
    }

    /// <summary>Joins worker and client to a sidecar over gRPC.</summary>
    public static IServiceCollection UseSidecar(this IServiceCollection services, Func<IServiceProvider, TaskHubEndpoint> endpoint)
    {
        services.Replace(ServiceDescriptor.Singleton(endpoint));
        return services;
    }

    private static IServiceCollection AddClient(this IServiceCollection services, WorkflowRuntimeOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new WorkflowJson(options.JsonOptions));
        services.TryAddSingleton(provider => DefaultEndpoint(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<TaskHubEndpoint>().CreateChannel(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IWorkSource>(provider => new GrpcWorkSource(provider.GetRequiredService<TaskHubChannel>().Channel, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ITaskHubClient>(provider => new GrpcTaskHubClient(provider.GetRequiredService<TaskHubChannel>().Channel, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new DaprWorkflowClient(provider.GetRequiredService<ITaskHubClient>(), provider.GetRequiredService<WorkflowJson>()));
        return services;
    }

    private static WorkflowWorker CreateWorker(IServiceProvider provider, WorkflowRuntimeOptions options)
    {
        var json = provider.GetRequiredService<WorkflowJson>();
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        var source = provider.GetRequiredService<IWorkSource>();
        return new WorkflowWorker(
            source,
            new TurnRunner(name => options.CreateWorkflow(provider, name), json, loggers, options.MaxKeptExecutions),
            new ActivityRunner(options.CreateActivity, json, provider.GetRequiredService<IServiceScopeFactory>(), loggers.CreateLogger<ActivityRunner>()),
            new(options.MaxConcurrentWorkflows, options.MaxConcurrentActivities, options.DrainTimeout,
                source.SharesStore ? int.MaxValue : 8, provider.GetRequiredService<TimeProvider>()),
            loggers.CreateLogger<WorkflowWorker>());
    }

    private static TaskHubEndpoint DefaultEndpoint(IConfiguration? configuration)
    {
        string? Setting(string key) => configuration?[key] is { Length: > 0 } value ? value : Environment.GetEnvironmentVariable(key);
        var port = Setting("DAPR_GRPC_PORT") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 50001;
        var address = Setting("DAPR_GRPC_ENDPOINT") is { Length: > 0 } endpoint ? new Uri(endpoint) : new Uri($"http://127.0.0.1:{port}");
        return new(address, null) { ApiToken = Setting("DAPR_API_TOKEN") };
    }
}
