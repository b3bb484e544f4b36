namespace Castellan.LocalCluster.Kubelet;

/// <summary>How pods run on this machine.</summary>
public sealed record KubeletOptions
{
    /// <summary>Folder of the pods' files; one folder per pod.</summary>
    public required string PodsDirectory { get; init; }

    /// <summary>What runs for an image, by name without tag or digest.</summary>
    public IReadOnlyDictionary<string, ImageCommand> Images { get; init; } = new Dictionary<string, ImageCommand>();

    /// <summary>Where pods get their addresses.</summary>
    internal LoopbackRange Addresses { get; init; } = LoopbackRange.Unclaimed;

    /// <summary>Name of the node.</summary>
    public string NodeName { get; init; } = "local";

    /// <summary>Wait before the second restart of a failed container; doubles each time. Kubernetes waits 10 s.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait before a restart; twice this time without a failure resets the wait.</summary>
    public TimeSpan LongestRestartBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Size at which a container's log is rotated, in bytes.</summary>
    public long LogFileBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>How many files of a container's log are kept, the current one included.</summary>
    public int LogFiles { get; init; } = 5;

    /// <summary>How long pods have to end when the kubelet stops.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>True (default) gives each service account a uid of its own when we run as root.</summary>
    public bool SeparateUids { get; init; } = true;

    /// <summary>First uid of service accounts.</summary>
    public int FirstUid { get; init; } = 210_000;
}
