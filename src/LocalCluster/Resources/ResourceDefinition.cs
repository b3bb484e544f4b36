using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Tables;

namespace Castellan.LocalCluster.Resources;

/// <summary>One resource that the server serves in one version: where it lives, what it looks like, which rules it has.</summary>
internal sealed record ResourceDefinition
{
    public static readonly IReadOnlyList<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public required bool Namespaced { get; init; }

    public string Singular { get => field ?? Kind.ToLowerInvariant(); init; } = null!;

    public string ListKind { get => field ?? Kind + "List"; init; } = null!;

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>It has <c>/status</c>, and plain writes leave the status alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>metadata.generation counts changes of the desired state.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Where <c>/scale</c> finds its numbers; null when there is none.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Further subresources of discovery, with the kind each speaks and its verbs.</summary>
    public IReadOnlyList<SubresourceDefinition> Subresources { get; init; } = [];

    /// <summary>Defaults and checks that the schema cannot say.</summary>
    public KindRules Rules { get; init; } = KindRules.None;

    /// <summary>The shape of its objects.</summary>
    public SchemaNode Schema { get; init; } = SchemaNode.Anything;

    /// <summary>Columns of <c>kubectl get</c>.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = TableColumns.NameAndAge;

    /// <summary>Defined by a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Group and plural: versions of one resource share their objects.</summary>
    public string StorageKey => field ??= $"{Group}/{Plural}";

    public string ApiVersion => field ??= Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As error messages name it: <c>deployments.apps</c>.</summary>
    public string QualifiedName => field ??= Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>A subresource as discovery lists it.</summary>
internal sealed record SubresourceDefinition(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs);

/// <summary>Paths of the scale subresource within the object, without the leading dot.</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? LabelSelector);
