namespace Castellan.Workflows;

/// <summary>A page of instance ids.</summary>
/// <param name="InstanceIds">In the order they were created.</param>
/// <param name="ContinuationToken">Give it with the next request; <see langword="null"/> at the end.</param>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);

/// <summary>One event of an instance's history.</summary>
/// <param name="EventId">Number of the step it records; -1 for what came from outside.</param>
/// <param name="EventType">What happened, for example <c>TaskScheduled</c>.</param>
/// <param name="Timestamp">When.</param>
public sealed record WorkflowHistoryEvent(int EventId, string EventType, DateTimeOffset Timestamp);
