using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Schemas;

/// <summary>How server-side apply treats a list or map.</summary>
internal enum MergeKind
{
    /// <summary>Owned as a whole.</summary>
    Atomic,

    /// <summary>Each member is owned by itself.</summary>
    Granular,

    /// <summary>A list whose values are the items.</summary>
    Set,

    /// <summary>A list whose items are told apart by <see cref="SchemaNode.MapKeys"/>.</summary>
    Map,
}

/// <summary>One node of a structural schema, built-in or of a CustomResourceDefinition.</summary>
internal sealed class SchemaNode
{
    /// <summary>Accepts and keeps everything.</summary>
    public static readonly SchemaNode Anything = new() { PreserveUnknown = true };

    /// <summary>object, array, string, integer, number, boolean; empty when any.</summary>
    public string Type { get; set; } = "";

    /// <summary>int32, int64, double, date-time, byte, quantity and others.</summary>
    public string Format { get; set; } = "";

    /// <summary>An integer or a string.</summary>
    public bool IntOrString { get; set; }

    public bool Nullable { get; set; }

    /// <summary>Members that the schema does not name are kept.</summary>
    public bool PreserveUnknown { get; set; }

    /// <summary>A whole Kubernetes object: apiVersion, kind and metadata are implied.</summary>
    public bool EmbeddedResource { get; set; }

    public IReadOnlyDictionary<string, SchemaNode> Properties { get; set; } = new Dictionary<string, SchemaNode>();

    /// <summary>Shape of the values of a map.</summary>
    public SchemaNode? Values { get; set; }

    /// <summary>Shape of the items of a list.</summary>
    public SchemaNode? Items { get; set; }

    public IReadOnlyList<string> Required { get; set; } = [];

    public JsonNode? Default { get; set; }

    public MergeKind Merge { get; set; } = MergeKind.Granular;

    /// <summary>What tells the items of a <see cref="MergeKind.Map"/> list apart.</summary>
    public IReadOnlyList<string> MapKeys { get; set; } = [];

    /// <summary>The key of a strategic merge patch; null replaces the list.</summary>
    public string? PatchMergeKey { get; set; }

    /// <summary>The strategic merge patch strategies, such as <c>merge</c> or <c>retainKeys</c>.</summary>
    public IReadOnlyList<string> PatchStrategy { get; set; } = [];

    /// <summary>The Go type behind a built-in node, for messages of the decoder.</summary>
    public string GoType { get; set; } = "";

    /// <summary>The number of this member in Kubernetes' protobuf form; a path where its Go type embeds a struct. Empty when it has none.</summary>
    public IReadOnlyList<int> Wire { get; set; } = [];

    /// <summary>A pointer in Go: present and zero differs from absent.</summary>
    public bool Pointer { get; set; }

    /// <summary>Checks of values; null when there are none.</summary>
    public ValueRules? Rules { get; set; }

    /// <summary>A node below it has a default.</summary>
    public bool HasDefaults { get; set; }

    /// <summary>A shallow copy, for a reference that adds its own marks.</summary>
    public SchemaNode Copy() => (SchemaNode)MemberwiseClone();

    /// <summary>The shape of a member, whatever says it; null when the schema does not know it.</summary>
    public SchemaNode? Member(string name)
    {
        if (Properties.TryGetValue(name, out var property) && !(EmbeddedResource && name == "metadata")) return property;
        if (EmbeddedResource && name is "metadata") return BuiltInSchemas.ObjectMeta;
        if (EmbeddedResource && (name is "apiVersion" or "kind")) return BuiltInSchemas.Text;
        return Values ?? (PreserveUnknown ? Anything : null);
    }
}
