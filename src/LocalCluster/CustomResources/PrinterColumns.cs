using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Tables;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>The columns that a definition asks for: the name first, then its own, or the age when it has none.</summary>
internal static class PrinterColumns
{
    public static IReadOnlyList<TableColumn> Read(JsonArray? columns) => columns is null or { Count: 0 }
        ? TableColumns.NameAndAge
        : [TableColumns.Name, .. columns.Objects().Select(Read)];

    private static TableColumn Read(JsonObject column)
    {
        var (type, path) = (column.Text("type") ?? "string", JsonPath.Parse(column.Text("jsonPath") ?? ""));
        return new TableColumn(column.Text("name") ?? "", type == "date" ? "date" : type, (obj, now) => Cell(type, path.Find(obj), now))
        {
            Format = column.Text("format") ?? "",
            Description = column.Text("description") ?? "",
            Priority = (int)(column.Integer("priority") ?? 0),
        };
    }

    private static JsonNode? Cell(string type, JsonElement? found, DateTimeOffset now)
    {
        if (found is not { } value) return null;
        switch (type)
        {
            case "date":
                return value.ValueKind == JsonValueKind.String
                    && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                    ? JsonValue.Create(TableColumns.Short(now - time)) : JsonValue.Create("<invalid>");
            case "integer":
                return value.ValueKind == JsonValueKind.Number ? JsonNode.Parse(value.GetRawText()) : null;
            case "number" or "boolean":
                return value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? JsonNode.Parse(value.GetRawText()) : null;
            default:
                return JsonValue.Create(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText());
        }
    }
}
