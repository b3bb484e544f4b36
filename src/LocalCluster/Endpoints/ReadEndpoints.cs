using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Tables;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>get and list.</summary>
internal sealed class ReadEndpoints(ObjectStore store, TimeProvider clock)
{
    public Task GetAsync(RequestContext request)
    {
        var obj = store.Find(request.Key) ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
        var form = Representation.Negotiate(request);
        return form.Kind switch
        {
            RepresentationKind.Object => Responses.WriteAsync(request.Http, 200, Responses.InVersion(request.Resource, obj)),
            RepresentationKind.Metadata => Responses.WriteAsync(request.Http, 200, PartialMetadata.Of(obj)),
            _ => Responses.WriteAsync(request.Http, 200, new TableWriter(request.Resource, form, clock.GetUtcNow())
                .Write([obj], new JsonObject { ["resourceVersion"] = $"{obj.Revision}" }, withColumns: true)),
        };
    }

    public async Task ListAsync(RequestContext request)
    {
        var form = Representation.Negotiate(request);
        var page = Select(request);
        var metadata = new JsonObject { ["resourceVersion"] = $"{page.Revision}" };
        if (page.Continue is not null) metadata["continue"] = page.Continue;
        if (page.Remaining is { } remaining) metadata["remainingItemCount"] = remaining;
        if (form.Kind == RepresentationKind.Table)
        {
            var table = new TableWriter(request.Resource, form, clock.GetUtcNow()).Write(page.Items, metadata, withColumns: true);
            await Responses.WriteAsync(request.Http, 200, table).ConfigureAwait(false);
            return;
        }
        var (apiVersion, kind) = form.Kind == RepresentationKind.Metadata
            ? ("meta.k8s.io/v1", "PartialObjectMetadataList")
            : (request.Resource.ApiVersion, request.Resource.ListKind);
        await WriteItemsAsync(request, form.Kind, $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata.ToJsonString(JsonObjects.Compact)},\"items\":[", page.Items)
            .ConfigureAwait(false);
    }

    /// <summary>The objects a list (or deletecollection) is about.</summary>
    public ListPage Select(RequestContext request)
    {
        var (labels, fields) = (request.Labels(), request.Fields());
        FieldSelectors.Check(request.Resource, fields);
        var limit = request.Number("limit") is { } asked and > 0 ? (int)Math.Min(asked, int.MaxValue) : int.MaxValue;
        var after = ContinueToken.Read(request.Query("continue"));
        var (rows, revision) = store.List(request.Resource.StorageKey, request.Namespace, after);
        CheckRevision(request, revision);
        if (labels.IsEmpty && fields.IsEmpty && rows.Length <= limit) return new ListPage(rows, revision, null, null);
        var items = new List<StoredObject>();
        for (var i = 0; i < rows.Length; i++)
        {
            if (!labels.Matches(rows[i].Labels) || (!fields.IsEmpty && !fields.Matches(rows[i]))) continue;
            if (items.Count == limit)
            {
                long? remaining = labels.IsEmpty && fields.IsEmpty ? rows.Length - i : null;
                return new ListPage([.. items], revision, ContinueToken.Write(items[^1].Key, revision), remaining);
            }
            items.Add(rows[i]);
        }
        return new ListPage([.. items], revision, null, null);
    }

    private static void CheckRevision(RequestContext request, long revision)
    {
        if (request.Query("continue").Length > 0 || request.Number("resourceVersion") is not { } wanted) return;
        if (wanted > revision)
        {
            throw new ApiException(504, "Timeout", $"Too large resource version: {wanted}, current: {revision}");
        }
        if (request.Query("resourceVersionMatch") == "Exact" && wanted != revision && wanted != 0)
        {
            throw ApiErrors.Expired($"The provided resource version is too old: {wanted} ({revision})");
        }
    }

    private static async Task WriteItemsAsync(RequestContext request, RepresentationKind form, string head, StoredObject[] items)
    {
        var http = request.Http;
        http.Response.StatusCode = 200;
        http.Response.ContentType = Responses.Json;
        http.Response.Headers.CacheControl = "no-cache, private";
        var writer = http.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes(head));
        var unflushed = 0L;
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0) writer.Write(","u8);
            var json = form == RepresentationKind.Metadata ? PartialMetadata.Of(items[i]).ToUtf8() : Responses.InVersion(request.Resource, items[i]);
            writer.Write(json.Span);
            unflushed += json.Length;
            if (unflushed < 64 * 1024) continue;
            unflushed = 0;
            await writer.FlushAsync(request.Aborted).ConfigureAwait(false);
        }
        writer.Write("]}"u8);
        await writer.FlushAsync(request.Aborted).ConfigureAwait(false);
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">In order of namespace and name.</param>
/// <param name="Revision">The revision they were read at.</param>
/// <param name="Continue">Token for the next page; null at the end.</param>
/// <param name="Remaining">How many are left, when that is known without selecting.</param>
internal sealed record ListPage(StoredObject[] Items, long Revision, string? Continue, long? Remaining);
