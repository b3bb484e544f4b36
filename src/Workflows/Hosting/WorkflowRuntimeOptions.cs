using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Workflows;

/// <summary>Which orchestrations and activities a worker runs, and how many at a time. Names are compared without case; the first registration of a name wins.</summary>
public sealed class WorkflowRuntimeOptions
{
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflow>> _workflows = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> _activities = new(StringComparer.OrdinalIgnoreCase);

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

    /// <summary>Registers a function as an orchestration.</summary>
    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation) =>
        _workflows.TryAdd(name, _ => new FunctionWorkflow<TInput, TOutput>(implementation));

    /// <summary>Registers a class as an orchestration, by its type name unless another is given.</summary>
    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        _workflows.TryAdd(name ?? typeof(TWorkflow).Name, services => ActivatorUtilities.CreateInstance<TWorkflow>(services));

    /// <summary>Registers a function as an activity.</summary>
    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation) =>
        _activities.TryAdd(name, _ => new FunctionActivity<TInput, TOutput>(implementation));

    /// <summary>Registers a class as an activity, by its type name unless another is given. Each delivery gets a new one, in a scope of its own.</summary>
    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        _activities.TryAdd(name ?? typeof(TActivity).Name, services => ActivatorUtilities.CreateInstance<TActivity>(services));

    internal IWorkflow? CreateWorkflow(IServiceProvider services, string name) => _workflows.GetValueOrDefault(name)?.Invoke(services);

    internal IWorkflowActivity? CreateActivity(IServiceProvider services, string name) => _activities.GetValueOrDefault(name)?.Invoke(services);
}

internal sealed class FunctionWorkflow<TInput, TOutput>(Func<WorkflowContext, TInput, Task<TOutput>> function) : Workflow<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowContext context, TInput input) => function(context, input);
}

internal sealed class FunctionActivity<TInput, TOutput>(Func<WorkflowActivityContext, TInput, Task<TOutput>> function) : WorkflowActivity<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input) => function(context, input);
}
