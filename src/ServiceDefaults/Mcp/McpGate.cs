using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Lets a request in: Host and Origin first, then the caller.</summary>
internal sealed class McpGate(McpHttpOptions options, ILogger log)
{
    public const string MetadataPath = "/.well-known/oauth-protected-resource";

    /// <summary>The call's context; <see langword="null"/> after having refused the request.</summary>
    public async Task<McpCallContext?> AdmitAsync(HttpContext http)
    {
        if (!IsAllowedHost(http.Request))
        {
            log.HostRefused(http.Request.Host.Host, http.Request.Headers.Origin.ToString());
            await McpReply.RefuseAsync(http, 403, "Host or Origin is not allowed").ConfigureAwait(false);
            return null;
        }
        var authentication = await options.Authenticate(http, http.RequestAborted).ConfigureAwait(false);
        if (authentication.Status == 200)
        {
            http.User = authentication.User!;
            return new McpCallContext(http, authentication);
        }
        log.CallerRefused(authentication.Status, authentication.Problem);
        if (authentication.Status == 401) http.Response.Headers.WWWAuthenticate = ChallengeFor(http.Request, authentication.Challenge);
        await McpReply.RefuseAsync(http, authentication.Status, authentication.Problem).ConfigureAwait(false);
        return null;
    }

    private bool IsAllowedHost(HttpRequest request)
    {
        if (!options.AllowedHosts.Contains("*") && !options.AllowedHosts.Contains(request.Host.Host)) return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && options.AllowedHosts.Contains(uri.Host));
    }

    private string ChallengeFor(HttpRequest request, string? further)
    {
        List<string> parameters = further is null ? [] : [further];
        if (options.ResourceMetadata is { } metadata)
        {
            parameters.Add($"resource_metadata=\"{request.Scheme}://{request.Host}{MetadataPath}{request.Path}\"");
            if (metadata.ScopesSupported is { Count: > 0 } scopes) parameters.Add($"scope=\"{string.Join(' ', scopes)}\"");
        }
        return parameters.Count == 0 ? "Bearer" : "Bearer " + string.Join(", ", parameters);
    }
}
