using Castellan.Audit;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>Takes the records of the log elsewhere.</summary>
internal interface IAuditSink
{
    /// <summary>Names the position up to which it has taken them.</summary>
    string Name { get; }

    /// <summary>Which records it takes.</summary>
    LogFilter Filter { get; }

    /// <summary>Whether it begins with the first record of the log, or with the next that is written.</summary>
    bool TakesHistory { get; }

    /// <summary>Takes records; when it returns they have arrived. It may get the same ones again after a crash.</summary>
    /// <exception cref="DeliveryFailedException">They have not arrived; they come again later.</exception>
    Task DeliverAsync(IReadOnlyList<StoredRecord> records, CancellationToken ct);
}

/// <summary>Records have not arrived where they were sent.</summary>
/// <param name="message">What is wrong, and what to do.</param>
/// <param name="retryAfter">How long the other side wants to be left alone; null when it did not say.</param>
/// <param name="inner">What caused it.</param>
internal sealed class DeliveryFailedException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    internal TimeSpan? RetryAfter { get; } = retryAfter;
}
