using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Everything that is not plain reading and writing of an object: scale, log, token, binding, reviews.</summary>
internal sealed class SubresourceEndpoints(
    ScaleEndpoint scale, PodEndpoints pods, TokenEndpoint tokens, ReviewEndpoints reviews, WriteEndpoints writes)
{
    public Task ServeAsync(RequestContext request)
    {
        if (request.Resource.Scale is not null && request.Info.Subresource == "scale") return scale.ServeAsync(request);
        return (request.Resource.StorageKey, request.Info.Subresource, request.Info.Verb) switch
        {
            ("/pods", "log", "get") => pods.LogAsync(request),
            ("/pods", "binding", "create") => pods.BindAsync(request),
            ("/serviceaccounts", "token", "create") => tokens.IssueAsync(request),
            ("/namespaces", "finalize", "update") => writes.UpdateAsync(request),
            _ => throw ApiErrors.UnknownPath(),
        };
    }

    /// <summary>Kinds that only answer: TokenReview and the access reviews.</summary>
    public Task ServeReviewAsync(RequestContext request) => reviews.ServeAsync(request);

    /// <returns>False when the path is none of the token issuer's.</returns>
    public async Task<bool> TryServePathAsync(HttpContext http, string path)
    {
        if (path == "/openid/v1/jwks")
        {
            await Responses.WriteAsync(http, 200, tokens.KeySet()).ConfigureAwait(false);
            return true;
        }
        if (path != "/.well-known/openid-configuration") return false;
        await Responses.WriteAsync(http, 200, TokenEndpoint.Discovery(http)).ConfigureAwait(false);
        return true;
    }
}
