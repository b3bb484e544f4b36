namespace Castellan.LocalCluster.Kubelet;

/// <summary>Where a pod's files are: <c>PODS/UID/{volumes,containers/NAME/{root,home,run.json,termination-log},logs/NAME/N.log}</c>.</summary>
/// <remarks>
/// What the kubelet writes to again and again belongs to the kubelet, folder for folder: a pod that could put a link there would lead a kubelet
/// that is root to any file of the machine. A pod owns its home and its emptyDirs, and the kubelet never follows a path into those.
/// </remarks>
internal readonly record struct PodFolder(string Root)
{
    public static PodFolder Of(string podsDirectory, string podUid) => new(Path.Combine(podsDirectory, podUid));

    /// <summary>What a container sees as its own root: its volumes appear under it.</summary>
    public string ContainerRoot(string container) => Path.Combine(Root, "containers", container, "root");

    /// <summary>Where a container starts and may write.</summary>
    public string Home(string container) => Path.Combine(Root, "containers", container, "home");

    /// <summary>What a container writes here becomes its termination message.</summary>
    public string TerminationLog(string container) => Path.Combine(Root, "containers", container, "termination-log");

    public string RunFile(string container) => Path.Combine(Root, "containers", container, "run.json");

    public string Volume(string volume) => Path.Combine(Root, "volumes", volume);

    public string Log(string container, int restart) => Path.Combine(Root, "logs", container, $"{restart}.log");

    public string LogFolder(string container) => Path.Combine(Root, "logs", container);
}
