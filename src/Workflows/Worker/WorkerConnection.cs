namespace Castellan.Workflows;

/// <summary>Whether this process's worker is attached to its sidecar; for readiness probes.</summary>
public sealed class WorkerConnection
{
    private volatile bool _isConnected;

    /// <summary>True from the sidecar's first answer until the stream of work is lost.</summary>
    public bool IsConnected
    {
        get => _isConnected;
        internal set => _isConnected = value;
    }
}
