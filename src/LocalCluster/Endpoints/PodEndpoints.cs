using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Pods;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Subresources of pods: log and binding.</summary>
internal sealed class PodEndpoints(ObjectWriter writer, IPodLogs logs)
{
    public async Task LogAsync(RequestContext request)
    {
        var query = Query(request);
        var http = request.Http;
        try
        {
            await foreach (var chunk in logs.ReadAsync(query, request.Aborted).ConfigureAwait(false))
            {
                Begin();
                await http.Response.Body.WriteAsync(chunk, request.Aborted).ConfigureAwait(false);
                if (query.Follow) await http.Response.Body.FlushAsync(request.Aborted).ConfigureAwait(false);
            }
            Begin();
            await http.Response.Body.FlushAsync(request.Aborted).ConfigureAwait(false);
        }
        catch (PodLogUnavailableException e)
        {
            throw ApiErrors.BadRequest(e.Message);
        }

        void Begin()
        {
            if (http.Response.HasStarted) return;
            http.Response.StatusCode = 200;
            http.Response.ContentType = "text/plain";
        }
    }

    public async Task BindAsync(RequestContext request)
    {
        var options = request.WriteOptions() with { Subresource = "binding" };
        var body = await WriteEndpoints.ReadObjectAsync(request, options).ConfigureAwait(false);
        var node = body.Object("target").Text("name");
        if (string.IsNullOrEmpty(node)) throw ApiErrors.Invalid(request.Resource, request.Info.Name, [FieldFault.Required("target.name")]);
        await writer.UpdateAsync(request.Resource, request.Key, pod => Bind(request, pod, node), request.User, options, request.Aborted).ConfigureAwait(false);
        await Responses.WriteAsync(request.Http, 201, new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201,
        }).ConfigureAwait(false);
    }

    private JsonObject Bind(RequestContext request, JsonObject pod, string node)
    {
        var spec = pod.Member("spec");
        if (pod.Object("metadata").Text("deletionTimestamp") is not null)
        {
            throw ApiErrors.Conflict(request.Resource, request.Info.Name, $"pod {request.Info.Name} is being deleted, cannot be assigned to a host");
        }
        if (spec.Text("nodeName") is { Length: > 0 } present)
        {
            throw ApiErrors.Conflict(request.Resource, request.Info.Name, $"pod {request.Info.Name} is already assigned to node \"{present}\"");
        }
        spec["nodeName"] = node;
        var status = pod.Member("status");
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        foreach (var old in conditions.Objects().Where(c => c.Text("type") == "PodScheduled").ToList()) conditions.Remove(old);
        conditions.Add(new JsonObject
        {
            ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = writer.Now(),
        });
        return pod;
    }

    private PodLogQuery Query(RequestContext request)
    {
        var stored = writer.Store.Find(request.Key) ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
        var pod = JsonObjects.Parse(stored.Json);
        var names = PodContainers.Names(pod).ToList();
        var container = request.Query("container");
        if (container.Length == 0) container = PodContainers.Default(pod);
        if (!names.Contains(container))
        {
            throw ApiErrors.BadRequest($"container {container} is not valid for pod {request.Info.Name}");
        }
        PodContainers.RequireStarted(pod, container, request.Flag("previous"));
        return new PodLogQuery(stored.Key.Namespace, stored.Key.Name, stored.Uid, container)
        {
            Previous = request.Flag("previous"),
            Follow = request.Flag("follow"),
            Timestamps = request.Flag("timestamps"),
            TailLines = NotNegative(request, "tailLines"),
            LimitBytes = NotNegative(request, "limitBytes"),
            Since = Since(request),
        };
    }

    private DateTimeOffset? Since(RequestContext request)
    {
        if (request.Number("sinceSeconds") is { } seconds) return writer.Clock.GetUtcNow().AddSeconds(-seconds);
        var text = request.Query("sinceTime");
        if (text.Length == 0) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : throw ApiErrors.BadRequest($"sinceTime \"{text}\" is no RFC 3339 time");
    }

    private static long? NotNegative(RequestContext request, string name) => request.Number(name) is { } number
        ? number >= 0 ? number : throw ApiErrors.Invalid(request.Resource, request.Info.Name,
            [FieldFault.Invalid(name, $"{number}", "must be greater than or equal to 0")])
        : null;
}
