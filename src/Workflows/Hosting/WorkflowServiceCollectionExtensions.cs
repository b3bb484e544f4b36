using Castellan.Workflows.Client;
using Castellan.Workflows.Hosting;
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
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services) => services.AddClient(new(), ServiceLifetime.Singleton);

    /// <summary>Registers the worker as a hosted service, its <see cref="WorkerConnection"/>, and <see cref="DaprWorkflowClient"/>.</summary>
    /// <param name="services">Where.</param>
    /// <param name="configure">Says which orchestrations and activities the worker runs.</param>
    /// <param name="lifetime">Of the client.</param>
    /// <exception cref="NonDeterministicOrchestrationException">An orchestration cannot be replayed; see <see cref="WorkflowRuntimeOptions.NonDeterminism"/>.</exception>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services, Action<WorkflowRuntimeOptions> configure,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WorkflowRuntimeOptions();
        WorkflowAutoRegistry.Apply(options);
        configure(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrentWorkflows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrentActivities, 1);
        var factory = new WorkflowsFactory(options.NonDeterminism);
        options.ApplyRegistrations(factory);
        services.AddClient(options, lifetime);
        services.AddSingleton<IWorkflowsFactory>(factory);
        services.AddSingleton(provider => CreateWorker(provider, options, factory));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<WorkflowWorker>());
        services.AddSingleton(provider => provider.GetRequiredService<WorkflowWorker>().Connection);
        return services;
    }

    /// <summary>Registers worker and client, and lets more be said of them.</summary>
    /// <param name="services">Where.</param>
    /// <param name="configureRuntime">Says which orchestrations and activities the worker runs; <see langword="null"/>: there is a client only.</param>
    /// <param name="configureClient">Says where the sidecar is; <see langword="null"/>: the environment does.</param>
    /// <param name="lifetime">Of the client.</param>
    public static DaprWorkflowBuilder AddDaprWorkflowBuilder(this IServiceCollection services, Action<WorkflowRuntimeOptions>? configureRuntime,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        if (configureRuntime is null)
        {
            services.AddClient(new(), lifetime);
        }
        else
        {
            services.AddDaprWorkflow(configureRuntime, lifetime);
        }

        if (configureClient is not null)
        {
            services.UseSidecar(provider =>
            {
                var builder = new DaprWorkflowClientBuilder();
                configureClient(provider, builder);
                return builder.Build(Settings(provider));
            });
        }

        return new(services);
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

    private static IServiceCollection AddClient(this IServiceCollection services, WorkflowRuntimeOptions options, ServiceLifetime lifetime)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new WorkflowJson(options.JsonOptions));
        services.TryAddSingleton(new ChannelSettings(options.GrpcChannelOptions));
        services.TryAddSingleton(provider => DaprEndpoint.From(Settings(provider)));
        services.TryAddSingleton(provider => provider.GetRequiredService<TaskHubEndpoint>()
            .CreateChannel(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ChannelSettings>().Options));
        services.TryAddSingleton<IWorkSource>(provider => new GrpcWorkSource(provider.GetRequiredService<TaskHubChannel>().Channel, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ITaskHubClient>(provider => new GrpcTaskHubClient(provider.GetRequiredService<TaskHubChannel>().Channel, provider.GetRequiredService<TimeProvider>()));
        services.TryAdd(new ServiceDescriptor(typeof(DaprWorkflowClient),
            provider => new DaprWorkflowClient(provider.GetRequiredService<ITaskHubClient>(), provider.GetRequiredService<WorkflowJson>()), lifetime));
        return services;
    }

    private static WorkflowWorker CreateWorker(IServiceProvider provider, WorkflowRuntimeOptions options, WorkflowsFactory factory)
    {
        var json = provider.GetRequiredService<WorkflowJson>();
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        var source = provider.GetRequiredService<IWorkSource>();
        return new WorkflowWorker(
            source,
            new TurnRunner(name => factory.TryCreateWorkflow(name, provider, out var workflow) ? workflow : null, json, loggers, options.MaxKeptExecutions),
            new ActivityRunner((scope, name) => factory.TryCreateActivity(name, scope, out var activity) ? activity : null, json,
                provider.GetRequiredService<IServiceScopeFactory>(), provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None,
                loggers.CreateLogger<ActivityRunner>()),
            new(options.MaxConcurrentWorkflows, options.MaxConcurrentActivities, options.DrainTimeout,
                source.SharesStore ? int.MaxValue : 8, provider.GetRequiredService<TimeProvider>()),
            loggers.CreateLogger<WorkflowWorker>());
    }

    private static Func<string, string?> Settings(IServiceProvider provider)
    {
        var configuration = provider.GetService<IConfiguration>();
        return key => configuration?[key] is { Length: > 0 } value ? value : Environment.GetEnvironmentVariable(key);
    }
}
