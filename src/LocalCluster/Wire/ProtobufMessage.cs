using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.Wire;

/// <summary>Reads messages of one type as JSON objects, by the field numbers in its schema.</summary>
internal sealed class ProtobufMessage
{
    private static readonly ConditionalWeakTable<SchemaNode, ProtobufMessage> Known = [];

    private readonly Dictionary<int, (string Name, SchemaNode Schema)> fields = [];
    private readonly Dictionary<int, ProtobufMessage> embedded = [];

    public static ProtobufMessage Of(SchemaNode schema) => Known.GetValue(schema, static s =>
    {
        var message = new ProtobufMessage();
        foreach (var (name, property) in s.Properties) message.Add(name, property, property.Wire);
        return message;
    });

    public JsonObject Read(ReadOnlySpan<byte> bytes)
    {
        var obj = new JsonObject();
        ReadInto(obj, bytes);
        return obj;
    }

    private void Add(string name, SchemaNode schema, IReadOnlyList<int> path)
    {
        if (path.Count == 1) fields[path[0]] = (name, schema);
        if (path.Count < 2) return;
        if (!embedded.TryGetValue(path[0], out var inner)) embedded[path[0]] = inner = new ProtobufMessage();
        inner.Add(name, schema, [.. path.Skip(1)]);
    }

    private void ReadInto(JsonObject obj, ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (embedded.TryGetValue(reader.Field, out var inner))
            {
                inner.ReadInto(obj, reader.Bytes);
                continue;
            }
            if (!fields.TryGetValue(reader.Field, out var field)) continue;
            if (field.Schema is { Type: "array", Items: { } items, Format: not "byte" })
            {
                if (obj[field.Name] is not JsonArray array) obj[field.Name] = array = [];
                array.Add(Value(items, reader));
            }
            else if (field.Schema is { Type: "object", Values: { } values, Properties.Count: 0 })
            {
                ReadEntry(obj.Member(field.Name), values, reader.Bytes);
            }
            else if (Value(field.Schema, reader) is { } value && (field.Schema.Pointer || !IsZero(value)))
            {
                obj[field.Name] = value;
            }
        }
    }

    private static void ReadEntry(JsonObject map, SchemaNode values, ReadOnlySpan<byte> entry)
    {
        var key = "";
        JsonNode? value = values.Type == "string" ? JsonValue.Create("") : null;
        var reader = new ProtobufReader(entry);
        while (reader.Read())
        {
            if (reader.Field == 1) key = Encoding.UTF8.GetString(reader.Bytes);
            else if (reader.Field == 2) value = values.Type == "array" ? Wrapped(values, reader.Bytes) : Value(values, reader);
        }
        map[key] = value;
    }

    /// <summary>A list inside a map is a message with the list as its first field.</summary>
    private static JsonArray Wrapped(SchemaNode list, ReadOnlySpan<byte> message)
    {
        var array = new JsonArray();
        var reader = new ProtobufReader(message);
        while (reader.Read()) array.Add(Value(list.Items!, reader));
        return array;
    }

    private static JsonNode? Value(SchemaNode schema, ProtobufReader reader)
    {
        if (schema.IntOrString) return IntOrString(reader.Bytes);
        if (schema.Type.Length == 0 || (schema.PreserveUnknown && schema.Properties.Count == 0)) return Raw(reader.Bytes);
        return (schema.Type, schema.Format) switch
        {
            ("string", "date-time") => Time(reader.Bytes),
            ("string", "byte") => JsonValue.Create(Convert.ToBase64String(reader.Bytes)),
            ("string", "quantity") => Quantity(reader.Bytes),
            ("string", _) => JsonValue.Create(Encoding.UTF8.GetString(reader.Bytes)),
            ("boolean", _) => JsonValue.Create(reader.Number != 0),
            ("integer", _) => JsonValue.Create((long)reader.Number),
            ("number", _) => JsonValue.Create(BitConverter.UInt64BitsToDouble(reader.Number)),
            _ => ProtobufMessage.Of(schema).Read(reader.Bytes),
        };
    }

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject { Count: 0 } or JsonArray { Count: 0 } => true,
        JsonValue v when v.TryGetValue<string>(out var text) => text.Length == 0,
        JsonValue v when v.TryGetValue<long>(out var number) => number == 0,
        JsonValue v when v.TryGetValue<bool>(out var flag) => !flag,
        _ => false,
    };

    private static JsonNode? IntOrString(ReadOnlySpan<byte> message)
    {
        var (type, number, text) = (0UL, 0L, "");
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1) type = reader.Number;
            else if (reader.Field == 2) number = (int)reader.Number;
            else if (reader.Field == 3) text = Encoding.UTF8.GetString(reader.Bytes);
        }
        return type == 1 ? JsonValue.Create(text) : JsonValue.Create(number);
    }

    private static JsonNode? Time(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty) return null;
        var (seconds, nanos) = (0L, 0L);
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == 1) seconds = (long)reader.Number;
            else if (reader.Field == 2) nanos = (int)reader.Number;
        }
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100);
        return JsonValue.Create(time.UtcDateTime.ToString(nanos == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }

    private static JsonNode? Quantity(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        return reader.Read() ? JsonValue.Create(Encoding.UTF8.GetString(reader.Bytes)) : JsonValue.Create("0");
    }

    private static JsonNode? Raw(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        if (!reader.Read()) return null;
        try
        {
            return JsonNode.Parse(reader.Bytes);
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
