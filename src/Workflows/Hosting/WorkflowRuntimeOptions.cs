using System.Text.Json;
using Castellan.Rpc;
using Castellan.Workflows.Abstractions;
using Castellan.Workflows.Determinism;
using Castellan.Workflows.Worker;

namespace Castellan.Workflows;

/// <summary>Which orchestrations and activities a worker runs, and how many at a time. Names are compared without case; the first registration of a name wins.</summary>
public sealed class WorkflowRuntimeOptions
{
    private readonly List<Action<IWorkflowsFactory>> _registrations = [];

    /// <summary>Most turns at a time: 1 or more.</summary>
    public int MaxConcurrentWorkflows { get; set; } = 100;

    /// <summary>Most activities at a time: 1 or more.</summary>
    public int MaxConcurrentActivities { get; set; } = 100;

    /// <summary>Executions kept in memory between their turns, so that their history is not replayed; 0 replays always.</summary>
    public int MaxKeptExecutions { get; set; } = 1000;

    /// <summary>How long stopping waits for work in progress.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How payloads are written; <see langword="null"/>: the web defaults.</summary>
    public JsonSerializerOptions? JsonOptions { get; set; }

    /// <summary>What happens to an orchestration whose code calls what gives another answer at replay, such as the clock.</summary>
    public NonDeterminismCheck NonDeterminism { get; set; } = NonDeterminismCheck.Refuse;

    /// <summary>Limits and metadata of the channel to the sidecar; <see langword="null"/>: the defaults.</summary>
    public GrpcChannelOptions? GrpcChannelOptions { get; private set; }

    /// <summary>Sets limits and metadata of the channel to the sidecar.</summary>
    public void UseGrpcChannelOptions(GrpcChannelOptions grpcChannelOptions)
    {
        ArgumentNullException.ThrowIfNull(grpcChannelOptions);
        GrpcChannelOptions = grpcChannelOptions;
    }

    /// <summary>Registers a function as an orchestration.</summary>
    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation) =>
        _registrations.Add(factory => factory.RegisterWorkflow(name, implementation));

    /// <summary>Registers a class as an orchestration, by its type name unless another is given.</summary>
    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        _registrations.Add(factory => factory.RegisterWorkflow<TWorkflow>(name));

    /// <summary>Registers a function as an activity.</summary>
    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation) =>
        _registrations.Add(factory => factory.RegisterActivity(name, implementation));

    /// <summary>Registers a class as an activity, by its type name unless another is given. Each delivery gets a new one, in a scope of its own.</summary>
    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        _registrations.Add(factory => factory.RegisterActivity<TActivity>(name));

    /// <summary>Makes the registrations with a factory, in their order.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">An orchestration cannot be replayed, and the factory checks.</exception>
    public void ApplyRegistrations(IWorkflowsFactory factory)
    {
        foreach (var registration in _registrations)
        {
            registration(factory);
        }
    }
}
