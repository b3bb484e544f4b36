using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Selectors;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Tables;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Writes watch events: one JSON object per line, selected and in the form that was asked for.</summary>
internal sealed class WatchStream(RequestContext request, LabelSelector labels, FieldSelector fields, TimeProvider clock)
{
    private readonly Representation form = Representation.Negotiate(request);
    private readonly PipeWriter writer = request.Http.Response.BodyWriter;
    private bool columnsSent;

    public async Task WriteInitialAsync(StoredObject[] objects, long revision, CancellationToken ct)
    {
        foreach (var obj in objects)
        {
            if (Matches(obj)) WriteEvent("ADDED", obj);
        }
        if (request.Flag("sendInitialEvents")) await WriteBookmarkAsync(revision, initialEnd: true, ct).ConfigureAwait(false);
    }

    /// <summary>An object that begins or ceases to match the selectors is added or deleted, as its watcher sees it.</summary>
    public void Write(StoreEvent written)
    {
        var matches = written.Type != StoreEventType.Deleted && Matches(written.Object);
        var matched = written.Previous is { } previous && Matches(previous);
        if (matches) WriteEvent(matched ? "MODIFIED" : "ADDED", written.Object);
        else if (matched) WriteEvent("DELETED", written.Object);
    }

    public async Task WriteBookmarkAsync(long revision, bool initialEnd, CancellationToken ct)
    {
        var metadata = new JsonObject { ["resourceVersion"] = $"{revision}", ["creationTimestamp"] = null };
        if (initialEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        var obj = form.Kind switch
        {
            RepresentationKind.Object => new JsonObject { ["kind"] = request.Resource.Kind, ["apiVersion"] = request.Resource.ApiVersion, ["metadata"] = metadata },
            RepresentationKind.Metadata => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata },
            _ => new JsonObject
            {
                ["kind"] = "Table", ["apiVersion"] = $"meta.k8s.io/{form.TableVersion}",
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{revision}" }, ["columnDefinitions"] = new JsonArray(),
                ["rows"] = new JsonArray(new JsonObject { ["cells"] = new JsonArray(), ["object"] = new JsonObject { ["kind"] = request.Resource.Kind, ["apiVersion"] = request.Resource.ApiVersion, ["metadata"] = metadata } }),
            },
        };
        WriteLine("BOOKMARK", obj.ToUtf8());
        await FlushAsync(ct).ConfigureAwait(false);
    }

    public async Task FlushAsync(CancellationToken ct) => await writer.FlushAsync(ct).ConfigureAwait(false);

    private bool Matches(StoredObject obj) => labels.Matches(obj.Labels) && (fields.IsEmpty || fields.Matches(obj));

    private void WriteEvent(string type, StoredObject obj)
    {
        switch (form.Kind)
        {
            case RepresentationKind.Object:
                WriteLine(type, Responses.InVersion(request.Resource, obj).Span);
                break;
            case RepresentationKind.Metadata:
                WriteLine(type, PartialMetadata.Of(obj).ToUtf8());
                break;
            default:
                var table = new TableWriter(request.Resource, form, clock.GetUtcNow())
                    .Write([obj], new JsonObject { ["resourceVersion"] = $"{obj.Revision}" }, withColumns: !columnsSent);
                columnsSent = true;
                WriteLine(type, table.Span);
                break;
        }
    }

    private void WriteLine(string type, ReadOnlySpan<byte> json)
    {
        writer.Write("{\"type\":\""u8);
        writer.Write(System.Text.Encoding.ASCII.GetBytes(type));
        writer.Write("\",\"object\":"u8);
        writer.Write(json);
        writer.Write("}\n"u8);
    }
}
