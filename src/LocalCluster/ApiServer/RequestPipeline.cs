using System.Text.Json;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Authorization;
using Castellan.LocalCluster.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>What every request goes through: who is it, as whom, may they, then the endpoint; errors become Status objects.</summary>
internal sealed partial class RequestPipeline(
    Authenticator authenticator, RbacAuthorizer authorizer, ResourceRegistry registry, RequestRouter router, ILogger<RequestPipeline> logger)
{
    private readonly Impersonator impersonator = new(authorizer);

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            await FailAsync(http, e).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(http, ApiErrors.BadRequest(e.Message)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the caller has gone
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            LogUnexpected(logger, e, http.Request.Method, http.Request.Path);
            await FailAsync(http, ApiErrors.Internal(e.Message)).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            LogUnexpected(logger, e, http.Request.Method, http.Request.Path);
            await FailAsync(http, ApiErrors.Unavailable(e.Message)).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        var info = RequestInfo.Parse(http.Request.Method, path, http.Request.Query["watch"].ToString() is "true" or "1");
        var user = impersonator.Apply(http, authenticator.Authenticate(http) ?? throw ApiErrors.Unauthorized());
        var access = new AccessRequest(user, info.Verb)
        {
            IsResource = info.IsResource, Group = info.Group, Version = info.Version, Resource = info.Resource, Subresource = info.Subresource,
            Namespace = info.Namespace, Name = info.Name, Path = path,
        };
        if (!authorizer.IsAllowed(access)) throw Refuse(access);
        if (!info.IsResource)
        {
            await router.RoutePathAsync(http, path, user).ConfigureAwait(false);
            return;
        }
        var resource = registry.Find(info.Group, info.Version, info.Resource) ?? throw ApiErrors.UnknownPath();
        if (resource.Namespaced && info.Namespace.Length == 0 && (info.Name.Length > 0 || info.Verb == "create")) throw ApiErrors.UnknownPath();
        if (!resource.Namespaced && info.Namespace.Length > 0 && info.Resource != "namespaces") throw ApiErrors.UnknownPath();
        await router.RouteAsync(new RequestContext(http, info, user, resource)).ConfigureAwait(false);
    }

    private ApiException Refuse(AccessRequest access)
    {
        if (!access.IsResource) return new ApiException(403, "Forbidden", $"forbidden: {access.Refusal}") { Details = [] };
        var resource = registry.Find(access.Group, access.Version, access.Resource) ?? new ResourceDefinition
        {
            Group = access.Group, Version = access.Version, Kind = "", Plural = access.Resource, Namespaced = access.Namespace.Length > 0,
        };
        return ApiErrors.Forbidden(resource, access.Name, access.Refusal);
    }

    private async Task FailAsync(HttpContext http, ApiException error)
    {
        if (http.Response.HasStarted)
        {
            LogTooLate(logger, error, http.Request.Method, http.Request.Path);
            http.Abort();
            return;
        }
        if (error.Code == 401) http.Response.Headers.WWWAuthenticate = "Bearer";
        await Responses.WriteAsync(http, error.Code, error.ToStatus()).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request failed: {Method} {Path}")]
    private static partial void LogUnexpected(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request failed after its answer had begun: {Method} {Path}")]
    private static partial void LogTooLate(ILogger logger, Exception error, string method, string path);
}
