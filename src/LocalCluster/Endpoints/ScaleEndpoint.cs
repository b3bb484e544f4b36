using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Patching;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>The scale subresource: how many replicas, whatever the kind calls them.</summary>
internal sealed class ScaleEndpoint(ObjectWriter writer)
{
    public async Task ServeAsync(RequestContext request)
    {
        var paths = request.Resource.Scale!;
        if (request.Info.Verb == "get")
        {
            var obj = writer.Store.Find(request.Key) ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
            await Responses.WriteAsync(request.Http, 200, ToScale(JsonObjects.Parse(obj.Json), paths)).ConfigureAwait(false);
            return;
        }
        var options = request.WriteOptions();
        var change = await ReadChangeAsync(request, options).ConfigureAwait(false);
        var result = await writer.UpdateAsync(request.Resource, request.Key, current => Change(current, paths, change), request.User, options, request.Aborted)
            .ConfigureAwait(false);
        await Responses.WriteAsync(request.Http, 200, ToScale(JsonObjects.Parse(result.Object.Json), paths)).ConfigureAwait(false);
    }

    private static async Task<Func<JsonObject, JsonObject>> ReadChangeAsync(RequestContext request, WriteOptions options)
    {
        switch (request.Info.Verb)
        {
            case "update":
                var body = await WriteEndpoints.ReadObjectAsync(request, options).ConfigureAwait(false);
                return _ => body.Copy();
            case "patch":
                var bytes = await RequestBody.ReadAsync(request.Http).ConfigureAwait(false);
                var patch = ObjectPatch.Parse(RequestBody.MediaType(request.Http), bytes, request.Resource);
                return patch.Apply;
            default:
                throw ApiErrors.MethodNotAllowed();
        }
    }

    private static JsonObject Change(JsonObject current, ScalePaths paths, Func<JsonObject, JsonObject> change)
    {
        var scale = change(ToScale(current, paths));
        var replicas = scale.Object("spec").Integer("replicas") ?? 0;
        if (replicas < 0)
        {
            throw new ApiException(422, "Invalid", $"Scale.autoscaling \"{current.Name()}\" is invalid: spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0");
        }
        var parts = paths.SpecReplicas.Split('.');
        var target = current;
        foreach (var part in parts[..^1]) target = target.Member(part);
        target[parts[^1]] = replicas;
        if (scale.Object("metadata").Text("resourceVersion") is { Length: > 0 } version) current.Metadata()["resourceVersion"] = version;
        return current;
    }

    private static JsonObject ToScale(JsonObject obj, ScalePaths paths)
    {
        var from = obj.Metadata();
        var metadata = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (from[name] is { } value) metadata[name] = value.DeepClone();
        }
        var status = new JsonObject { ["replicas"] = Find(obj, paths.StatusReplicas)?.DeepClone() ?? 0 };
        if (paths.LabelSelector is not null && SelectorText(Find(obj, paths.LabelSelector)) is { Length: > 0 } selector) status["selector"] = selector;
        return new JsonObject
        {
            ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = Find(obj, paths.SpecReplicas)?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }

    private static JsonNode? Find(JsonObject obj, string path)
    {
        JsonNode? node = obj;
        foreach (var part in path.Split('.')) node = (node as JsonObject)?[part];
        return node;
    }

    private static string SelectorText(JsonNode? selector) => selector switch
    {
        JsonObject structured => string.Join(",", (structured.Object("matchLabels") ?? []).Select(l => $"{l.Key}={l.Value}")
            .Concat(structured.Array("matchExpressions").Objects().Select(Expression)).Order(StringComparer.Ordinal)),
        JsonValue text when text.IsText() => text.GetValue<string>(),
        _ => "",
    };

    private static string Expression(JsonObject expression)
    {
        var key = expression.Text("key");
        return expression.Text("operator") switch
        {
            "In" => $"{key} in ({string.Join(',', expression.Array("values").Texts())})",
            "NotIn" => $"{key} notin ({string.Join(',', expression.Array("values").Texts())})",
            "DoesNotExist" => $"!{key}",
            _ => $"{key}",
        };
    }
}
