namespace Castellan.AgentGateway.Remote;

/// <summary>A remote server may not be connected to, or turned the gateway away before it did anything.</summary>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
internal sealed class RemoteRefusedException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The refusal behind a failure; null when it failed for another reason.</summary>
    internal static RemoteRefusedException? Behind(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is RemoteRefusedException refused)
            {
                return refused;
            }
        }

        return null;
    }
}
