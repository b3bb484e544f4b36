using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Patching;
using Castellan.LocalCluster.Wire;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>create, update, patch, delete and deletecollection, of objects and of their status.</summary>
internal sealed class WriteEndpoints(ObjectWriter writer, ReadEndpoints reads)
{
    public async Task CreateAsync(RequestContext request)
    {
        var options = request.WriteOptions();
        var body = await ReadObjectAsync(request, options).ConfigureAwait(false);
        var result = await writer.CreateAsync(request.Resource, request.Info.Namespace, body, request.User, options, request.Aborted).ConfigureAwait(false);
        await AnswerAsync(request, options, result).ConfigureAwait(false);
    }

    public async Task UpdateAsync(RequestContext request)
    {
        var options = request.WriteOptions();
        var body = await ReadObjectAsync(request, options).ConfigureAwait(false);
        if (body.Object("metadata").Text("name") is not { Length: > 0 }) throw ApiErrors.BadRequest("name must be provided");
        if (request.Resource.Namespaced && body.Object("metadata").Text("namespace") is { Length: > 0 } ns && ns != request.Info.Namespace)
        {
            throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        var result = await writer.UpdateAsync(request.Resource, request.Key, _ => body.Copy(), request.User, options, request.Aborted).ConfigureAwait(false);
        await AnswerAsync(request, options, result).ConfigureAwait(false);
    }

    public async Task PatchAsync(RequestContext request)
    {
        var options = request.WriteOptions();
        var type = RequestBody.MediaType(request.Http);
        var body = await RequestBody.ReadAsync(request.Http).ConfigureAwait(false);
        WriteResult result;
        if (type is "application/apply-patch+yaml" or "application/apply-patch+cbor")
        {
            if (request.Query("fieldManager").Length == 0)
            {
                throw ApiErrors.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
            }
            var duplicates = new List<string>();
            var applied = RequestBody.Parse(body, type, duplicates);
            DuplicateFields.Report(duplicates, options);
            result = await writer.ApplyAsync(request.Resource, request.Key, applied, request.User, options, request.Aborted).ConfigureAwait(false);
        }
        else
        {
            var patch = ObjectPatch.Parse(type, body, request.Resource);
            result = await writer.UpdateAsync(request.Resource, request.Key, patch.Apply, request.User, options, request.Aborted).ConfigureAwait(false);
        }
        await AnswerAsync(request, options, result).ConfigureAwait(false);
    }

    public async Task DeleteAsync(RequestContext request)
    {
        var options = await DeleteOptionsReader.ReadAsync(request).ConfigureAwait(false);
        var result = await writer.DeleteAsync(request.Resource, request.Key, options, request.User, request.Aborted).ConfigureAwait(false);
        if (!result.Gone)
        {
            await Responses.WriteAsync(request.Http, 200, Responses.InVersion(request.Resource, result.Object)).ConfigureAwait(false);
            return;
        }
        var details = new JsonObject { ["name"] = request.Info.Name };
        if (request.Resource.Group.Length > 0) details["group"] = request.Resource.Group;
        details["kind"] = request.Resource.Plural;
        details["uid"] = result.Object.Uid;
        await Responses.WriteAsync(request.Http, 200, new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details,
        }).ConfigureAwait(false);
    }

    public async Task DeleteCollectionAsync(RequestContext request)
    {
        var options = await DeleteOptionsReader.ReadAsync(request).ConfigureAwait(false);
        var page = reads.Select(request);
        var items = new JsonArray();
        foreach (var obj in page.Items)
        {
            try
            {
                var result = await writer.DeleteAsync(request.Resource, obj.Key, options with { Uid = obj.Uid }, request.User, request.Aborted).ConfigureAwait(false);
                items.Add(JsonObjects.Parse(result.Object.Json));
            }
            catch (ApiException e) when (e.Code is 404 or 409)
            {
                // gone or replaced in the meantime: not what the caller saw
            }
        }
        await Responses.WriteAsync(request.Http, 200, new JsonObject
        {
            ["kind"] = request.Resource.ListKind, ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{writer.Store.Revision}" }, ["items"] = items,
        }).ConfigureAwait(false);
    }

    internal static async Task<JsonObject> ReadObjectAsync(RequestContext request, WriteOptions options)
    {
        var type = RequestBody.MediaType(request.Http);
        if (type is not ("application/json" or "application/yaml" or ProtobufBody.MediaType))
        {
            throw ApiErrors.UnsupportedMediaType(type, "application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }
        var duplicates = new List<string>();
        var body = RequestBody.Parse(await RequestBody.ReadAsync(request.Http).ConfigureAwait(false), type, duplicates);
        DuplicateFields.Report(duplicates, options);
        return body;
    }

    internal static Task AnswerAsync(RequestContext request, WriteOptions options, WriteResult result)
    {
        Responses.AddWarnings(request.Http, options.Warnings);
        return Responses.WriteAsync(request.Http, result.Created ? 201 : 200, Responses.InVersion(request.Resource, result.Object));
    }
}
