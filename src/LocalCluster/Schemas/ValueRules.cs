using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Castellan.LocalCluster.Schemas;

/// <summary>What a value must satisfy beside its type: OpenAPI v3 value validations.</summary>
internal sealed class ValueRules
{
    public IReadOnlyList<JsonNode>? Enum { get; set; }

    public double? Minimum { get; set; }

    public double? Maximum { get; set; }

    public bool ExclusiveMinimum { get; set; }

    public bool ExclusiveMaximum { get; set; }

    public double? MultipleOf { get; set; }

    public long? MinLength { get; set; }

    public long? MaxLength { get; set; }

    public long? MinItems { get; set; }

    public long? MaxItems { get; set; }

    public long? MinProperties { get; set; }

    public long? MaxProperties { get; set; }

    public Regex? Pattern { get; set; }

    public IReadOnlyList<SchemaNode> AllOf { get; set; } = [];

    public IReadOnlyList<SchemaNode> AnyOf { get; set; } = [];

    public IReadOnlyList<SchemaNode> OneOf { get; set; } = [];

    public SchemaNode? Not { get; set; }

    /// <summary>x-kubernetes-validations.</summary>
    public IReadOnlyList<CelRule> Cel { get; set; } = [];

    public bool IsEmpty => Enum is null && Minimum is null && Maximum is null && MultipleOf is null && MinLength is null && MaxLength is null
        && MinItems is null && MaxItems is null && MinProperties is null && MaxProperties is null && Pattern is null
        && AllOf.Count == 0 && AnyOf.Count == 0 && OneOf.Count == 0 && Not is null && Cel.Count == 0;
}
