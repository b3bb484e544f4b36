namespace Castellan.Models;

/// <summary>A model gave no usable answer. What to do about it decides which of the two kinds it is.</summary>
public abstract class ModelException : Exception
{
    private protected ModelException(string problem, string remedy, int status, Exception? inner)
        : base($"{problem}; {remedy}", inner) => Status = status;

    /// <summary>HTTP status of the provider's answer; 0 when there was none.</summary>
    public int Status { get; }

    /// <summary>True if the same request may succeed later.</summary>
    public abstract bool Retryable { get; }
}

/// <summary>The provider cannot answer now: unreachable, too slow, overloaded, or rate-limiting. Safe to retry with backoff.</summary>
/// <param name="problem">What happened.</param>
/// <param name="remedy">What to do.</param>
/// <param name="status">HTTP status; 0 when there was no answer.</param>
/// <param name="retryAfter">How long the provider asks to wait.</param>
/// <param name="inner">What caused it.</param>
public sealed class ModelUnavailableException(string problem, string remedy, int status = 0, TimeSpan? retryAfter = null, Exception? inner = null)
    : ModelException(problem, remedy, status, inner)
{
    /// <inheritdoc/>
    public override bool Retryable => true;

    /// <summary>How long the provider asks to wait; <see langword="null"/> when it did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The provider will not answer this request, however often it is asked: wrong key, unknown model, request it cannot take.</summary>
/// <param name="problem">What happened.</param>
/// <param name="remedy">What to do.</param>
/// <param name="status">HTTP status; 0 when there was no answer.</param>
/// <param name="inner">What caused it.</param>
public sealed class ModelRefusedException(string problem, string remedy, int status = 0, Exception? inner = null)
    : ModelException(problem, remedy, status, inner)
{
    /// <inheritdoc/>
    public override bool Retryable => false;
}
