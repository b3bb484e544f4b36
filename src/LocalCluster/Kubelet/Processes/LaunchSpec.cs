namespace Castellan.LocalCluster.Kubelet.Processes;

/// <summary>What to start: a program on this machine, its surroundings and the user it runs as.</summary>
internal sealed record LaunchSpec(string FileName, IReadOnlyList<string> Args)
{
    /// <summary>All variables the process gets; nothing is inherited.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>User and group; null stays who we are.</summary>
    public int? Uid { get; init; }
}

/// <summary>A program could not be started; the message is written as the container runtimes write it.</summary>
internal sealed class LaunchException(string message, Exception? inner = null) : Exception(message, inner);
