namespace Castellan.Workflows.Abstractions;

/// <summary>An activity whose types are known at run time only.</summary>
public interface IWorkflowActivity
{
    /// <summary>What the input is deserialised to.</summary>
    Type InputType { get; }

    /// <summary>What the output is serialised from.</summary>
    Type OutputType { get; }

    /// <summary>The activity's code.</summary>
    Task<object?> RunAsync(WorkflowActivityContext context, object? input);
}
