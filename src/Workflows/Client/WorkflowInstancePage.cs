namespace Castellan.Workflows.Client;

/// <summary>A page of instance ids.</summary>
/// <param name="InstanceIds">In the order they were created.</param>
/// <param name="ContinuationToken">Give it with the next request; <see langword="null"/> at the end.</param>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);
