using Castellan.Workflows.Abstractions;

namespace Castellan.Workflows;

/// <summary>A side effect. It runs at least once for each call: make it idempotent, or guard it with a claim.</summary>
/// <example>
/// In the process of the embedded sidecar the context is also an <see cref="IDurableActivityContext"/>:
/// <code>
/// public override async Task&lt;Outcome&gt; RunAsync(WorkflowActivityContext context, Effect effect)
/// {
///     var outcome = await tools.CallAsync(effect);
///     if (context is IDurableActivityContext durable)
///     {
///         durable.Enlist(unit =&gt; audit.Append(unit, outcome)); // committed with the completion of this activity, or not at all
///     }
///
///     return outcome;
/// }
/// </code>
/// </example>
public abstract class WorkflowActivity<TInput, TOutput> : IWorkflowActivity
{
    /// <inheritdoc/>
    public Type InputType => typeof(TInput);

    /// <inheritdoc/>
    public Type OutputType => typeof(TOutput);

    /// <inheritdoc/>
    public async Task<object?> RunAsync(WorkflowActivityContext context, object? input) =>
        await RunAsync(context, input is null ? default! : (TInput)input).ConfigureAwait(false);

    /// <summary>The activity's code.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input);
}

/// <summary>Which activity runs for whom.</summary>
public abstract class WorkflowActivityContext
{
    /// <summary>The registered name of the activity.</summary>
    public abstract TaskIdentifier Identifier { get; }

    /// <summary>The same for every delivery and every retry of one call: use it as an idempotency key.</summary>
    public abstract string TaskExecutionKey { get; }

    /// <summary>The orchestration instance that called.</summary>
    public abstract string InstanceId { get; }
}
