namespace Castellan.KubeApi.Core;

/// <summary>Names any object.</summary>
public sealed class ObjectReference : KubeFields
{
    /// <summary>Group and version.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind.</summary>
    public string? Kind { get; set; }

    /// <summary>Namespace.</summary>
    public string? Namespace { get; set; }

    /// <summary>Name.</summary>
    public string? Name { get; set; }

    /// <summary>Identity.</summary>
    public string? Uid { get; set; }

    /// <summary>Version.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>A part of it, for example <c>spec.containers{app}</c>.</summary>
    public string? FieldPath { get; set; }
}
