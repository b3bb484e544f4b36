namespace Castellan.KubeApi.Core;

/// <summary>Something containers can mount: exactly one source.</summary>
public sealed class Volume : KubeFields
{
    /// <summary>Unique in the pod.</summary>
    public string Name { get; set; } = "";

    /// <summary>The keys of a ConfigMap as files.</summary>
    public ConfigMapVolume? ConfigMap { get; set; }

    /// <summary>The keys of a Secret as files.</summary>
    public SecretVolume? Secret { get; set; }

    /// <summary>An empty folder that lives as long as the pod.</summary>
    public EmptyDirVolume? EmptyDir { get; set; }

    /// <summary>A path of the node.</summary>
    public HostPathVolume? HostPath { get; set; }

    /// <summary>Several sources in one folder.</summary>
    public ProjectedVolume? Projected { get; set; }

    /// <summary>Fields of the pod as files.</summary>
    public DownwardApiVolume? DownwardAPI { get; set; }

    /// <summary>Files that a driver on the node provides.</summary>
    public CsiVolume? Csi { get; set; }
}

/// <summary>A volume of a CSI driver, for the life of the pod.</summary>
public sealed class CsiVolume : KubeFields
{
    /// <summary>Name of the driver.</summary>
    public string Driver { get; set; } = "";

    /// <summary>True forbids writing.</summary>
    public bool? ReadOnly { get; set; }
}

/// <summary>The keys of a ConfigMap as files.</summary>
public sealed class ConfigMapVolume : KubeFields
{
    /// <summary>Name of the ConfigMap.</summary>
    public string Name { get; set; } = "";

    /// <summary>Which keys, and where; absent means all.</summary>
    public IList<KeyToPath>? Items { get; set; }

    /// <summary>Mode of the files; 0644 by default.</summary>
    public int? DefaultMode { get; set; }

    /// <summary>True if it may be missing.</summary>
    public bool? Optional { get; set; }
}

/// <summary>The keys of a Secret as files.</summary>
public sealed class SecretVolume : KubeFields
{
    /// <summary>Name of the Secret.</summary>
    public string? SecretName { get; set; }

    /// <summary>Which keys, and where; absent means all.</summary>
    public IList<KeyToPath>? Items { get; set; }

    /// <summary>Mode of the files; 0644 by default.</summary>
    public int? DefaultMode { get; set; }

    /// <summary>True if it may be missing.</summary>
    public bool? Optional { get; set; }
}

/// <summary>One key as a file.</summary>
public sealed class KeyToPath : KubeFields
{
    /// <summary>The key.</summary>
    public string Key { get; set; } = "";

    /// <summary>Relative path of the file.</summary>
    public string Path { get; set; } = "";

    /// <summary>Mode of the file.</summary>
    public int? Mode { get; set; }
}

/// <summary>An empty folder that lives as long as the pod.</summary>
public sealed class EmptyDirVolume : KubeFields
{
    /// <summary><c>Memory</c>, or absent for disk.</summary>
    public string? Medium { get; set; }
}

/// <summary>A path of the node.</summary>
public sealed class HostPathVolume : KubeFields
{
    /// <summary>Absolute path.</summary>
    public string Path { get; set; } = "";

    /// <summary>What must be there, for example <c>Directory</c> or <c>DirectoryOrCreate</c>.</summary>
    public string? Type { get; set; }
}

/// <summary>Several sources in one folder.</summary>
public sealed class ProjectedVolume : KubeFields
{
    /// <summary>The sources.</summary>
    public IList<VolumeProjection>? Sources { get; set; }

    /// <summary>Mode of the files; 0644 by default.</summary>
    public int? DefaultMode { get; set; }
}

/// <summary>One source: exactly one of these.</summary>
public sealed class VolumeProjection : KubeFields
{
    /// <summary>A token of the pod's service account.</summary>
    public TokenProjection? ServiceAccountToken { get; set; }

    /// <summary>Keys of a ConfigMap.</summary>
    public ConfigMapVolume? ConfigMap { get; set; }

    /// <summary>Keys of a Secret.</summary>
    public SecretProjection? Secret { get; set; }

    /// <summary>Fields of the pod.</summary>
    public DownwardApiVolume? DownwardAPI { get; set; }
}

/// <summary>Keys of a Secret.</summary>
public sealed class SecretProjection : KubeFields
{
    /// <summary>Name of the Secret.</summary>
    public string Name { get; set; } = "";

    /// <summary>Which keys, and where; absent means all.</summary>
    public IList<KeyToPath>? Items { get; set; }

    /// <summary>True if it may be missing.</summary>
    public bool? Optional { get; set; }
}

/// <summary>A token of the pod's service account.</summary>
public sealed class TokenProjection : KubeFields
{
    /// <summary>Whom the token is for; the API server when absent.</summary>
    public string? Audience { get; set; }

    /// <summary>How long it lives; 3600 by default, at least 600.</summary>
    public long? ExpirationSeconds { get; set; }

    /// <summary>Relative path of the file.</summary>
    public string Path { get; set; } = "";
}

/// <summary>Fields of the pod as files.</summary>
public sealed class DownwardApiVolume : KubeFields
{
    /// <summary>The files.</summary>
    public IList<DownwardApiFile>? Items { get; set; }
}

/// <summary>One field of the pod as a file.</summary>
public sealed class DownwardApiFile : KubeFields
{
    /// <summary>Relative path of the file.</summary>
    public string Path { get; set; } = "";

    /// <summary>The field.</summary>
    public FieldSelector? FieldRef { get; set; }

    /// <summary>Mode of the file.</summary>
    public int? Mode { get; set; }
}
