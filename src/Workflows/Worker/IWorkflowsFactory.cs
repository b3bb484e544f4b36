using System.Diagnostics.CodeAnalysis;
using Castellan.Workflows.Abstractions;

namespace Castellan.Workflows.Worker;

/// <summary>Makes orchestrations and activities by their registered names. Names are compared without case; the first registration of a name wins.</summary>
public interface IWorkflowsFactory
{
    /// <summary>Registers a class as an orchestration, by its name unless another is given.</summary>
    void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow;

    /// <summary>Registers a function as an orchestration.</summary>
    void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation);

    /// <summary>Registers a class as an activity, by its name unless another is given. Each delivery gets a new one, in a scope of its own.</summary>
    void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity;

    /// <summary>Registers a function as an activity.</summary>
    void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation);

    /// <summary>Makes an orchestration, if its name is registered.</summary>
    bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, [NotNullWhen(true)] out IWorkflow? workflow);

    /// <summary>Makes an activity, if its name is registered.</summary>
    bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, [NotNullWhen(true)] out IWorkflowActivity? activity);
}
