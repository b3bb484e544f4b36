namespace Castellan.Workflows;

/// <summary>
/// An effect was claimed, and nothing tells what became of it: the process died, or was lost, between claim and outcome. It is never tried again
/// by itself. An orchestration sees it as a failure of that type.
/// </summary>
/// <example>
/// <code>
/// catch (WorkflowTaskFailedException failed) when (failed.FailureDetails.IsCausedBy&lt;OutcomeUnknownException&gt;())
/// {
///     await context.CallActivityAsync("AskAPerson", order);
/// }
/// </code>
/// </example>
public sealed class OutcomeUnknownException(string effect, DateTimeOffset claimedAt) : NonRetriableActivityException(
    $"the outcome of '{effect}', claimed at {claimedAt:O}, is unknown: it was interrupted before it could be written down; look at what it acts on, then decide whether to do it again")
{
    /// <summary>Key of the claim.</summary>
    public string Effect { get; } = effect;

    /// <summary>When the attempt began (UTC).</summary>
    public DateTimeOffset ClaimedAt { get; } = claimedAt;
}
