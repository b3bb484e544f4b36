using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Authorization;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>Acting as another user, as far as RBAC lets the caller impersonate.</summary>
/// <remarks>Source: Kubernetes documentation, "Authenticating", user impersonation.</remarks>
internal sealed class Impersonator(RbacAuthorizer authorizer)
{
    private const string ExtraHeader = "Impersonate-Extra-";

    /// <exception cref="ApiException">The caller may not act as that user, group, uid or extra.</exception>
    public UserInfo Apply(HttpContext http, UserInfo caller)
    {
        var headers = http.Request.Headers;
        var user = headers["Impersonate-User"].ToString();
        var groups = headers["Impersonate-Group"].Where(g => !string.IsNullOrEmpty(g)).Select(g => g!).ToList();
        var uid = headers["Impersonate-Uid"].ToString();
        var extra = headers.Where(h => h.Key.StartsWith(ExtraHeader, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => Uri.UnescapeDataString(h.Key[ExtraHeader.Length..].ToLowerInvariant()), h => (IReadOnlyList<string>)[.. h.Value.Select(v => v ?? "")]);
        if (user.Length == 0)
        {
            if (groups.Count == 0 && uid.Length == 0 && extra.Count == 0) return caller;
            throw ApiErrors.BadRequest("requested impersonation of groups, uid or extra without impersonating a user; set Impersonate-User");
        }
        RequireUser(caller, user);
        foreach (var group in groups) Require(caller, new AccessRequest(caller, "impersonate") { Resource = "groups", Name = group });
        if (uid.Length > 0) Require(caller, new AccessRequest(caller, "impersonate") { Group = "authentication.k8s.io", Resource = "uids", Name = uid });
        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                Require(caller, new AccessRequest(caller, "impersonate") { Group = "authentication.k8s.io", Resource = "userextras", Subresource = key, Name = value });
            }
        }
        if (groups.Count == 0 && ServiceAccountOf(user) is { } account)
        {
            groups.AddRange(["system:serviceaccounts", $"system:serviceaccounts:{account.Namespace}"]);
        }
        return UserInfo.Of(user, groups, uid) with { Extra = extra };
    }

    private void RequireUser(UserInfo caller, string user)
    {
        var request = ServiceAccountOf(user) is { } account
            ? new AccessRequest(caller, "impersonate") { Resource = "serviceaccounts", Namespace = account.Namespace, Name = account.Name }
            : new AccessRequest(caller, "impersonate") { Resource = "users", Name = user };
        Require(caller, request);
    }

    private void Require(UserInfo caller, AccessRequest request)
    {
        if (authorizer.IsAllowed(request)) return;
        throw new ApiException(403, "Forbidden", $"{request.FullResource} \"{request.Name}\" is forbidden: {request.Refusal}")
        {
            Details = new() { ["name"] = request.Name, ["kind"] = request.Resource },
        };
    }

    private static (string Namespace, string Name)? ServiceAccountOf(string user)
    {
        if (!user.StartsWith(UserInfo.ServiceAccountPrefix, StringComparison.Ordinal)) return null;
        var parts = user[UserInfo.ServiceAccountPrefix.Length..].Split(':');
        return parts is [{ Length: > 0 } ns, { Length: > 0 } name] ? (ns, name) : null;
    }
}
