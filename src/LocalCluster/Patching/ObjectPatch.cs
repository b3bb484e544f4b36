using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Patching;

/// <summary>A patch in one of the three forms that change the current object.</summary>
internal abstract class ObjectPatch
{
    /// <summary>The patched object; the given one may be changed or dropped.</summary>
    /// <exception cref="ApiException">It does not fit the object.</exception>
    public abstract JsonObject Apply(JsonObject current);

    public static ObjectPatch Parse(string mediaType, byte[] body, ResourceDefinition resource)
    {
        switch (mediaType)
        {
            case "application/json-patch+json":
                return new JsonPatch(Read(body) as JsonArray ?? throw ApiErrors.BadRequest("a JSON patch is an array of operations"));
            case "application/merge-patch+json":
                return new MergePatch(ReadObject(body));
            case "application/strategic-merge-patch+json" when !resource.IsCustom:
                return new StrategicMergePatch(ReadObject(body), resource.Schema);
            default:
                throw ApiErrors.UnsupportedMediaType(mediaType, resource.IsCustom
                    ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                    : "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
        }
    }

    private static JsonNode? Read(byte[] body)
    {
        try
        {
            return LenientJson.Parse(body, []);
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the patch is not valid JSON: {e.Message}");
        }
    }

    private static JsonObject ReadObject(byte[] body) => Read(body) as JsonObject ?? throw ApiErrors.BadRequest("the patch is not a JSON object");
}
