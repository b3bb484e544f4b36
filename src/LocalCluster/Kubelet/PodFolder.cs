namespace Castellan.LocalCluster.Kubelet;

/// <summary>Where a pod's files are: <c>PODS/UID/{volumes,containers/NAME/{root,run.json},logs/NAME/N.log}</c>.</summary>
internal readonly record struct PodFolder(string Root)
{
    public static PodFolder Of(string podsDirectory, string podUid) => new(Path.Combine(podsDirectory, podUid));

    /// <summary>What a container sees as its own root: its volumes appear under it.</summary>
    public string ContainerRoot(string container) => Path.Combine(Root, "containers", container, "root");

    public string RunFile(string container) => Path.Combine(Root, "containers", container, "run.json");

    public string Volume(string volume) => Path.Combine(Root, "volumes", volume);

    public string Log(string container, int restart) => Path.Combine(Root, "logs", container, $"{restart}.log");

    public string LogFolder(string container) => Path.Combine(Root, "logs", container);
}
