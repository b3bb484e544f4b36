namespace Castellan.Workflows;

/// <summary>An orchestration: deterministic code that survives restarts because it is replayed from its history.</summary>
/// <example>
/// <code>
/// internal sealed class Order : Workflow&lt;string, string&gt;
/// {
///     public override async Task&lt;string&gt; RunAsync(WorkflowContext context, string item)
///     {
///         var receipt = await context.CallActivityAsync&lt;string&gt;(nameof(Reserve), item);
///         var approved = await context.WaitForExternalEventAsync&lt;bool&gt;("approved", TimeSpan.FromHours(1));
///         return approved ? receipt : "refused";
///     }
/// }
/// </code>
/// </example>
public abstract class Workflow<TInput, TOutput> : IWorkflow
{
    /// <inheritdoc/>
    public Type InputType => typeof(TInput);

    /// <inheritdoc/>
    public Type OutputType => typeof(TOutput);

    async Task<object?> IWorkflow.RunAsync(WorkflowContext context, object? input) =>
        await RunAsync(context, input is null ? default! : (TInput)input).ConfigureAwait(false);

    /// <summary>The orchestration's code.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowContext context, TInput input);
}

/// <summary>An orchestration whose types are known at run time only.</summary>
public interface IWorkflow
{
    /// <summary>What the input is deserialised to.</summary>
    Type InputType { get; }

    /// <summary>What the output is serialised from.</summary>
    Type OutputType { get; }

    /// <summary>The orchestration's code.</summary>
    Task<object?> RunAsync(WorkflowContext context, object? input);
}
