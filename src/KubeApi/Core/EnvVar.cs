namespace Castellan.KubeApi.Core;

/// <summary>One environment variable.</summary>
public sealed class EnvVar : KubeFields
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its value; <c>$(NAME)</c> refers to a variable before it.</summary>
    public string? Value { get; set; }

    /// <summary>Where its value comes from.</summary>
    public EnvVarSource? ValueFrom { get; set; }
}

/// <summary>Where a variable's value comes from: exactly one of these.</summary>
public sealed class EnvVarSource : KubeFields
{
    /// <summary>A field of the pod.</summary>
    public FieldSelector? FieldRef { get; set; }

    /// <summary>A resource amount of a container.</summary>
    public ResourceFieldSelector? ResourceFieldRef { get; set; }

    /// <summary>A key of a ConfigMap.</summary>
    public KeySelector? ConfigMapKeyRef { get; set; }

    /// <summary>A key of a Secret.</summary>
    public KeySelector? SecretKeyRef { get; set; }
}

/// <summary>A field of the pod.</summary>
public sealed class FieldSelector : KubeFields
{
    /// <summary><c>v1</c>.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>For example <c>status.podIP</c> or <c>metadata.labels['app']</c>.</summary>
    public string FieldPath { get; set; } = "";
}

/// <summary>A resource amount of a container.</summary>
public sealed class ResourceFieldSelector : KubeFields
{
    /// <summary>The container; its own when absent.</summary>
    public string? ContainerName { get; set; }

    /// <summary>For example <c>limits.memory</c>.</summary>
    public string Resource { get; set; } = "";
}

/// <summary>A key of a ConfigMap or Secret.</summary>
public sealed class KeySelector : KubeFields
{
    /// <summary>Name of the object.</summary>
    public string Name { get; set; } = "";

    /// <summary>The key.</summary>
    public string Key { get; set; } = "";

    /// <summary>True leaves the variable out when the object or key is missing.</summary>
    public bool? Optional { get; set; }
}

/// <summary>A whole ConfigMap or Secret as variables.</summary>
public sealed class EnvFromSource : KubeFields
{
    /// <summary>Put before each key.</summary>
    public string? Prefix { get; set; }

    /// <summary>The ConfigMap.</summary>
    public NameReference? ConfigMapRef { get; set; }

    /// <summary>The Secret.</summary>
    public NameReference? SecretRef { get; set; }
}

/// <summary>Names an object in the same namespace.</summary>
public sealed class NameReference : KubeFields
{
    /// <summary>Name of the object.</summary>
    public string Name { get; set; } = "";

    /// <summary>True if the object may be missing.</summary>
    public bool? Optional { get; set; }
}
