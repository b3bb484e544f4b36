namespace Castellan.Workflows.Client;

/// <summary>How an instance is run again from one of its steps.</summary>
public sealed class RerunWorkflowFromEventOptions
{
    /// <summary>Id of the new instance; <see langword="null"/> makes one.</summary>
    public string? NewInstanceId { get; set; }

    /// <summary>Input of the step, when <see cref="OverwriteInput"/> is set.</summary>
    public object? Input { get; set; }

    /// <summary>Whether the step gets <see cref="Input"/> instead of the input it had.</summary>
    public bool OverwriteInput { get; set; }
}
