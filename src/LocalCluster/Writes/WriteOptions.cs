using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Writes;

/// <summary>How unknown and duplicate fields of a request are met.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>The query options of a write.</summary>
internal sealed record WriteOptions
{
    /// <summary>Do everything but write.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who owns the fields that the write sets.</summary>
    public string FieldManager { get; init; } = "unknown";

    public FieldValidation FieldValidation { get; init; } = FieldValidation.Warn;

    /// <summary>Server-side apply: take fields from other managers.</summary>
    public bool Force { get; init; }

    /// <summary>Server-side apply: what the manager states; null for other writes.</summary>
    public JsonObject? Apply { get; init; }

    /// <summary>The subresource written, <c>status</c>, or empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Warnings for the caller, sent as Warning headers.</summary>
    public List<string> Warnings { get; init; } = [];
}
