using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Tables;

/// <summary>A column of <c>kubectl get</c>, computed by the server.</summary>
/// <param name="Name">Header.</param>
/// <param name="Type">OpenAPI type of the cells: string, integer, number, boolean or date.</param>
/// <param name="Value">The cell for an object at a moment.</param>
internal sealed record TableColumn(string Name, string Type, Func<JsonElement, DateTimeOffset, JsonNode?> Value)
{
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>0 shows always; above only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
