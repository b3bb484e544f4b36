using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Castellan.Workflows.Abstractions;
using Castellan.Workflows.Abstractions.Attributes;
using Castellan.Workflows.Determinism;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Workflows.Worker;

/// <summary>The registrations of one worker. Orchestrations are checked when they are registered.</summary>
internal sealed class WorkflowsFactory(NonDeterminismCheck check) : IWorkflowsFactory
{
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflow>> _workflows = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> _activities = new(StringComparer.OrdinalIgnoreCase);

    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow
    {
        var key = name ?? typeof(TWorkflow).GetCustomAttribute<WorkflowAttribute>()?.Name ?? typeof(TWorkflow).Name;
        if (check == NonDeterminismCheck.Refuse)
        {
            OrchestrationCheck.EnsureDeterministic(key, typeof(TWorkflow));
        }

        _workflows.TryAdd(key, services => ActivatorUtilities.CreateInstance<TWorkflow>(services));
    }

    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        if (check == NonDeterminismCheck.Refuse)
        {
            OrchestrationCheck.EnsureDeterministic(name, implementation.Method);
        }

        _workflows.TryAdd(name, _ => new FunctionWorkflow<TInput, TOutput>(implementation));
    }

    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        _activities.TryAdd(name ?? typeof(TActivity).GetCustomAttribute<WorkflowActivityAttribute>()?.Name ?? typeof(TActivity).Name,
            services => ActivatorUtilities.CreateInstance<TActivity>(services));

    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        _activities.TryAdd(name, _ => new FunctionActivity<TInput, TOutput>(implementation));
    }

    public bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, [NotNullWhen(true)] out IWorkflow? workflow)
    {
        workflow = _workflows.GetValueOrDefault(identifier.Name)?.Invoke(serviceProvider);
        return workflow is not null;
    }

    public bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, [NotNullWhen(true)] out IWorkflowActivity? activity)
    {
        activity = _activities.GetValueOrDefault(identifier.Name)?.Invoke(serviceProvider);
        return activity is not null;
    }
}

internal sealed class FunctionWorkflow<TInput, TOutput>(Func<WorkflowContext, TInput, Task<TOutput>> function) : Workflow<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowContext context, TInput input) => function(context, input);
}

internal sealed class FunctionActivity<TInput, TOutput>(Func<WorkflowActivityContext, TInput, Task<TOutput>> function) : WorkflowActivity<TInput, TOutput>
{
    public override Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input) => function(context, input);
}
