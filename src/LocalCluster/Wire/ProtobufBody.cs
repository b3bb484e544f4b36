using System.Text;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.Wire;

/// <summary>Reads an object of a built-in kind in Kubernetes' protobuf form, which typed Go clients send. Answers are always JSON.</summary>
/// <remarks>Source: Kubernetes documentation, "Kubernetes Protobuf encoding": four bytes <c>k8s\0</c>, then a runtime.Unknown message.</remarks>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <exception cref="ApiException">It is no such body, or of a kind without a built-in schema.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8)) throw ApiErrors.BadRequest("the body does not begin as Kubernetes' protobuf form does");
        try
        {
            return ParseUnknown(body[4..]);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw ApiErrors.BadRequest($"the protobuf body cannot be read: {e.Message}");
        }
    }

    private static JsonObject ParseUnknown(ReadOnlySpan<byte> message)
    {
        var (apiVersion, kind) = ("", "");
        ReadOnlySpan<byte> raw = default;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == 2) raw = reader.Bytes;
            if (reader.Field != 1) continue;
            var type = new ProtobufReader(reader.Bytes);
            while (type.Read())
            {
                if (type.Field == 1) apiVersion = Encoding.UTF8.GetString(type.Bytes);
                else if (type.Field == 2) kind = Encoding.UTF8.GetString(type.Bytes);
            }
        }
        var obj = ProtobufMessage.Of(SchemaOf(apiVersion, kind)).Read(raw);
        var whole = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        foreach (var (name, value) in obj) whole[name] = value?.DeepClone();
        return whole;
    }

    private static SchemaNode SchemaOf(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/');
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        if (BuiltInSchemas.Of(group, version, kind) is { } schema && !ReferenceEquals(schema, SchemaNode.Anything)) return schema;
        return BuiltInSchemas.Meta(kind) ?? throw ApiErrors.UnsupportedMediaType(MediaType, "application/json, application/yaml");
    }
}
