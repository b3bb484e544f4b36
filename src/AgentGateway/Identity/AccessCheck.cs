using Castellan.AgentApi;
using Castellan.KubeApi.Access;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Identity;

/// <summary>Asks the cluster's RBAC whether a user may use a part of the gateway's API, as virtual resources of group castellan.dev.</summary>
internal sealed class AccessCheck(KubeConnection kube)
{
    /// <summary>Passes or throws.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="verb">RBAC verb.</param>
    /// <param name="resource">Resource, with its subresource after a slash.</param>
    /// <param name="ns">Namespace; null for all of them.</param>
    /// <param name="name">Name of one object, if it is about one.</param>
    /// <param name="ct">Ends the check.</param>
    /// <exception cref="GatewayApi.GatewayException">403: RBAC does not allow it; 503: the cluster cannot be asked.</exception>
    internal async Task DemandAsync(Principal user, string verb, string resource, string? ns, string? name, CancellationToken ct)
    {
        var parts = resource.Split('/');
        var review = new SubjectAccessReview
        {
            Spec = new SubjectAccessReviewSpec
            {
                User = user.Name,
                Groups = [.. user.Groups],
                ResourceAttributes = new ResourceAttributes
                {
                    Group = ApiGroup.Name,
                    Version = ApiGroup.V1Alpha1,
                    Verb = verb,
                    Resource = parts[0],
                    Subresource = parts.Length > 1 ? parts[1] : null,
                    Namespace = ns,
                    Name = name,
                },
            },
        };
        if (!await AllowedAsync(review, ct))
        {
            throw Refusals.Forbidden($"user {user.Name} may not {verb} {resource}.{ApiGroup.Name}{(ns is null ? "" : $" in namespace {ns}")}",
                "bind one of the ClusterRoles castellan-viewer, castellan-operator or castellan-approver to them, or choose another context");
        }
    }

    private async Task<bool> AllowedAsync(SubjectAccessReview review, CancellationToken ct)
    {
        try
        {
            return (await kube.CreateAsync(review, ct: ct)).Status?.Allowed is true;
        }
        catch (Exception e) when (e is KubeException or KubeUnreachableException)
        {
            throw Refusals.Unavailable($"the cluster cannot be asked for permission: {e.Message}", "try again in a moment", e);
        }
    }
}
