namespace Castellan.Workflows;

/// <summary>Whether this process's worker is attached to its sidecar; for readiness probes.</summary>
public sealed class WorkerConnection
{
    private volatile bool _isConnected;
    private volatile string? _problem;

    /// <summary>True from the sidecar's first answer until the stream of work is lost.</summary>
    public bool IsConnected
    {
        get => _isConnected;
        internal set
        {
            _isConnected = value;
            if (value)
            {
                _problem = null;
            }
        }
    }

    /// <summary>Why it is not attached, with what to do about it; <see langword="null"/> while it is, and before the first attempt ended.</summary>
    public string? Problem
    {
        get => _problem;
        internal set => _problem = value;
    }
}
