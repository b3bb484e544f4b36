using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Reads DeleteOptions from the body, or from the query when there is no body.</summary>
internal static class DeleteOptionsReader
{
    public static async Task<DeleteOptions> ReadAsync(RequestContext request)
    {
        var bytes = await RequestBody.ReadAsync(request.Http).ConfigureAwait(false);
        var body = bytes.Length == 0 ? [] : RequestBody.Parse(bytes, RequestBody.MediaType(request.Http), []);
        var propagation = body.Text("propagationPolicy") ?? NullIfEmpty(request.Query("propagationPolicy"));
        if (body.Flag("orphanDependents") is { } orphan) propagation ??= orphan ? "Orphan" : "Background";
        if (propagation is not (null or "Background" or "Foreground" or "Orphan"))
        {
            throw ApiErrors.Invalid(request.Resource, request.Info.Name,
                [FieldFault.NotSupported("propagationPolicy", $"\"{propagation}\"", ["\"Background\"", "\"Foreground\"", "\"Orphan\""])]);
        }
        return new DeleteOptions
        {
            GracePeriodSeconds = body.Integer("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds"),
            Propagation = propagation,
            Uid = body.Object("preconditions").Text("uid"),
            ResourceVersion = body.Object("preconditions").Text("resourceVersion"),
            DryRun = body.Array("dryRun") is { Count: > 0 } || request.Query("dryRun") == "All",
        };
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
