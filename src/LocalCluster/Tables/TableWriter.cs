using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Tables;

/// <summary>Writes objects as the rows that kubectl prints.</summary>
/// <remarks>Source: Kubernetes API reference, meta/v1 Table.</remarks>
internal sealed class TableWriter(ResourceDefinition resource, Representation form, DateTimeOffset now)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ReadOnlyMemory<byte> Write(IEnumerable<StoredObject> rows, JsonObject metadata, bool withColumns)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "Table");
            writer.WriteString("apiVersion", $"meta.k8s.io/{form.TableVersion}");
            writer.WritePropertyName("metadata");
            metadata.WriteTo(writer);
            writer.WriteStartArray("columnDefinitions");
            if (withColumns) WriteColumns(writer);
            writer.WriteEndArray();
            writer.WriteStartArray("rows");
            foreach (var row in rows) WriteRow(writer, row);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private void WriteColumns(Utf8JsonWriter writer)
    {
        foreach (var column in resource.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Description);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }
    }

    private void WriteRow(Utf8JsonWriter writer, StoredObject row)
    {
        using var document = JsonDocument.Parse(row.Json);
        var root = document.RootElement;
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        foreach (var column in resource.Columns)
        {
            if (column.Value(root, now) is { } cell) cell.WriteTo(writer);
            else writer.WriteNullValue();
        }
        writer.WriteEndArray();
        if (form.IncludeObject == "Object")
        {
            writer.WritePropertyName("object");
            root.WriteTo(writer);
        }
        else if (form.IncludeObject != "None")
        {
            writer.WriteStartObject("object");
            writer.WriteString("kind", "PartialObjectMetadata");
            writer.WriteString("apiVersion", $"meta.k8s.io/{form.TableVersion}");
            writer.WritePropertyName("metadata");
            root.GetProperty("metadata").WriteTo(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
