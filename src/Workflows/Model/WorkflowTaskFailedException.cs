namespace Castellan.Workflows;

/// <summary>An activity or child orchestration failed; its details crossed the wire, the exception object did not.</summary>
public class WorkflowTaskFailedException(string message, WorkflowTaskFailureDetails failureDetails) : Exception(message)
{
    /// <summary>What failed, as the worker reported it.</summary>
    public WorkflowTaskFailureDetails FailureDetails { get; } = failureDetails;
}

/// <summary>A failure as it stands in history.</summary>
/// <param name="errorType">Full type name of the exception.</param>
/// <param name="errorMessage">Its message.</param>
/// <param name="stackTrace">Its stack, for operators.</param>
public class WorkflowTaskFailureDetails(string errorType, string errorMessage, string? stackTrace = null)
{
    /// <summary>Full type name of the exception.</summary>
    public string ErrorType { get; } = errorType;

    /// <summary>Its message.</summary>
    public string ErrorMessage { get; } = errorMessage;

    /// <summary>Its stack, for operators.</summary>
    public string? StackTrace { get; } = stackTrace;

    /// <summary>Whether the exception was a <typeparamref name="T"/> or derived from it (when its type is known here).</summary>
    public bool IsCausedBy<T>() where T : Exception
    {
        var type = Type.GetType(ErrorType) ?? typeof(T).Assembly.GetType(ErrorType);
        return type is null ? ErrorType == typeof(T).FullName : typeof(T).IsAssignableFrom(type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";
}

/// <summary>An activity throws it (or a subclass) to say that trying again is pointless; retry policies then stop at once.</summary>
public class NonRetriableActivityException(string message, Exception? inner = null) : Exception(message, inner);
