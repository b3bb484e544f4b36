using System.Text.Json.Nodes;

namespace Castellan.KubeApi.ApiExtensions;

/// <summary>Adds a kind to the API.</summary>
[KubeResource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced = false)]
public sealed class CustomResourceDefinition : KubeObject
{
    /// <summary>The kind.</summary>
    public CrdSpec Spec { get; set; } = new();

    /// <summary>What was observed.</summary>
    public CrdStatus? Status { get; set; }
}

/// <summary>The kind that is added.</summary>
public sealed class CrdSpec : KubeFields
{
    /// <summary>Its API group.</summary>
    public string Group { get; set; } = "";

    /// <summary>Its names.</summary>
    public CrdNames Names { get; set; } = new();

    /// <summary><c>Namespaced</c> or <c>Cluster</c>.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Its versions.</summary>
    public IList<CrdVersion> Versions { get; set; } = [];

    /// <summary>Always false in v1.</summary>
    public bool? PreserveUnknownFields { get; set; }
}

/// <summary>The names of a kind.</summary>
public sealed class CrdNames : KubeFields
{
    /// <summary>Name in URLs.</summary>
    public string Plural { get; set; } = "";

    /// <summary>Name of one.</summary>
    public string? Singular { get; set; }

    /// <summary>Kind in CamelCase.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Kind of its list.</summary>
    public string? ListKind { get; set; }

    /// <summary>Short names.</summary>
    public IList<string>? ShortNames { get; set; }

    /// <summary>Groups of kinds, such as <c>all</c>.</summary>
    public IList<string>? Categories { get; set; }
}

/// <summary>One version of a kind.</summary>
public sealed class CrdVersion : KubeFields
{
    /// <summary>Name, for example <c>v1alpha1</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether the API offers it.</summary>
    public bool Served { get; set; }

    /// <summary>Whether objects are stored in it.</summary>
    public bool Storage { get; set; }

    /// <summary>Whether it should no longer be used.</summary>
    public bool? Deprecated { get; set; }

    /// <summary>What its objects look like.</summary>
    public CrdSchema? Schema { get; set; }

    /// <summary>Its subresources.</summary>
    public CrdSubresources? Subresources { get; set; }

    /// <summary>Columns of <c>kubectl get</c>.</summary>
    public IList<CrdColumn>? AdditionalPrinterColumns { get; set; }
}

/// <summary>What the objects of a version look like.</summary>
public sealed class CrdSchema : KubeFields
{
    /// <summary>A structural schema.</summary>
    public JsonObject? OpenAPIV3Schema { get; set; }
}

/// <summary>Subresources of a version.</summary>
public sealed class CrdSubresources : KubeFields
{
    /// <summary>Present (empty) if <c>/status</c> is served.</summary>
    public JsonObject? Status { get; set; }

    /// <summary>Present if <c>/scale</c> is served.</summary>
    public CrdScale? Scale { get; set; }
}

/// <summary>Where <c>/scale</c> finds its numbers.</summary>
public sealed class CrdScale : KubeFields
{
    /// <summary>JSON path of the wanted number.</summary>
    public string SpecReplicasPath { get; set; } = "";

    /// <summary>JSON path of the observed number.</summary>
    public string StatusReplicasPath { get; set; } = "";

    /// <summary>JSON path of the selector.</summary>
    public string? LabelSelectorPath { get; set; }
}

/// <summary>One column.</summary>
public sealed class CrdColumn : KubeFields
{
    /// <summary>Header.</summary>
    public string Name { get; set; } = "";

    /// <summary>OpenAPI type.</summary>
    public string Type { get; set; } = "";

    /// <summary>OpenAPI format.</summary>
    public string? Format { get; set; }

    /// <summary>What it says.</summary>
    public string? Description { get; set; }

    /// <summary>0 shows always.</summary>
    public int? Priority { get; set; }

    /// <summary>Where the value is.</summary>
    public string JsonPath { get; set; } = "";
}

/// <summary>What was observed of a definition.</summary>
public sealed class CrdStatus : KubeFields
{
    /// <summary><c>Established</c>, <c>NamesAccepted</c>.</summary>
    public IList<Condition>? Conditions { get; set; }

    /// <summary>The names in use.</summary>
    public CrdNames? AcceptedNames { get; set; }

    /// <summary>Versions that objects were stored in.</summary>
    public IList<string>? StoredVersions { get; set; }
}
