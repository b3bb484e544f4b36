namespace Castellan.Models;

/// <summary>
/// A connection may not be made. The handler that makes it (<see cref="ModelClients"/> is given one) throws it; the call then ends as refused,
/// and is not tried again.
/// </summary>
/// <param name="message">The problem and the remedy.</param>
public sealed class DestinationRefusedException(string message) : IOException(message)
{
    /// <summary>The refusal behind a failure; <see langword="null"/> when it failed for another reason.</summary>
    /// <param name="failure">What was caught.</param>
    public static DestinationRefusedException? Behind(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is DestinationRefusedException refused) return refused;
        }
        return null;
    }
}
