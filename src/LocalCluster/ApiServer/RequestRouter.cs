using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Discovery;
using Castellan.LocalCluster.Endpoints;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>Sends an authorized request to the endpoint for its verb and subresource.</summary>
internal sealed class RequestRouter(
    DiscoveryEndpoint discovery, ReadEndpoints reads, WatchEndpoint watches, WriteEndpoints writes, SubresourceEndpoints subresources)
{
    public async Task RoutePathAsync(HttpContext http, string path, UserInfo user)
    {
        if (path is "/healthz" or "/livez" or "/readyz" || path.StartsWith("/healthz/", StringComparison.Ordinal)
            || path.StartsWith("/livez/", StringComparison.Ordinal) || path.StartsWith("/readyz/", StringComparison.Ordinal))
        {
            await Responses.WriteTextAsync(http, 200, "ok").ConfigureAwait(false);
            return;
        }
        if (path is "/version" or "/version/")
        {
            await Responses.WriteAsync(http, 200, ServerVersion.ToJson()).ConfigureAwait(false);
            return;
        }
        if (await subresources.TryServePathAsync(http, path).ConfigureAwait(false)) return;
        if (!await discovery.TryServeAsync(http, path).ConfigureAwait(false)) throw ApiErrors.UnknownPath();
    }

    public Task RouteAsync(RequestContext request)
    {
        var info = request.Info;
        if (info.Subresource.Length > 0 && info.Subresource != "status") return subresources.ServeAsync(request);
        if (info.Subresource == "status" && !request.Resource.HasStatus) throw ApiErrors.UnknownPath();
        if (!request.Resource.Verbs.Contains(info.Verb)) throw ApiErrors.MethodNotAllowed();
        if (request.Resource.Verbs is ["create"]) return subresources.ServeReviewAsync(request);
        return info.Verb switch
        {
            "get" => reads.GetAsync(request),
            "list" => reads.ListAsync(request),
            "watch" => watches.WatchAsync(request),
            "create" when info.Name.Length == 0 => writes.CreateAsync(request),
            "update" => writes.UpdateAsync(request),
            "patch" => writes.PatchAsync(request),
            "delete" => writes.DeleteAsync(request),
            "deletecollection" => writes.DeleteCollectionAsync(request),
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }
}
