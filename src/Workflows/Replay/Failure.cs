using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>Exceptions to the details that history keeps, and back.</summary>
internal static class Failure
{
    public static TaskFailureDetails From(Exception error)
    {
        if (error is WorkflowTaskFailedException { FailureDetails: var details })
        {
            return new()
            {
                ErrorType = typeof(WorkflowTaskFailedException).FullName,
                ErrorMessage = error.Message,
                StackTrace = error.StackTrace,
                InnerFailure = new() { ErrorType = details.ErrorType, ErrorMessage = details.ErrorMessage, StackTrace = details.StackTrace },
            };
        }

        return new()
        {
            ErrorType = error.GetType().FullName ?? error.GetType().Name,
            ErrorMessage = error.Message,
            StackTrace = error.StackTrace,
            InnerFailure = error.InnerException is { } inner ? From(inner) : null,
            IsNonRetriable = error is NonRetriableActivityException or NonDeterministicOrchestrationException,
        };
    }

    public static WorkflowTaskFailureDetails ToModel(TaskFailureDetails? details) =>
        new(details?.ErrorType ?? "Unknown", details?.ErrorMessage ?? "no details", details?.StackTrace);

    public static Exception ToException(string what, TaskFailureDetails? details) =>
        new StepFailedException($"{what} failed: {details?.ErrorMessage ?? "no details"}", ToModel(details), details?.IsNonRetriable ?? false);
}

/// <summary>Carries beside the public details whether a retry makes sense.</summary>
internal sealed class StepFailedException(string message, WorkflowTaskFailureDetails details, bool isNonRetriable)
    : WorkflowTaskFailedException(message, details)
{
    public bool IsNonRetriable { get; } = isNonRetriable;
}
