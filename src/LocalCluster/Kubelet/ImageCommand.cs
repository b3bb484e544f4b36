namespace Castellan.LocalCluster.Kubelet;

/// <summary>What runs here in place of an image.</summary>
/// <param name="FileName">Program: an absolute path or a name on the PATH.</param>
/// <param name="Args">Arguments before the container's own.</param>
/// <param name="Environment">Variables it needs on this machine; the container's own win.</param>
public sealed record ImageCommand(string FileName, IReadOnlyList<string> Args, IReadOnlyDictionary<string, string>? Environment = null);
