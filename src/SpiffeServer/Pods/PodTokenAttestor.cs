using Castellan.KubeApi;
using Castellan.KubeApi.Access;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Pods;

/// <summary>
/// Says which pod a projected service-account token proves: the cluster checks the token (TokenReview), and the pod that it is bound to
/// must still run, be the very same one, and run as the token's service account.
/// </summary>
/// <remarks>Source: Kubernetes documentation, "Managing Service Accounts", bound tokens; KEP-4193 (pod name and uid in <c>extra</c>).</remarks>
internal sealed class PodTokenAttestor(KubeConnection kube, TrustDomain trustDomain, string audience) : ITokenAttestor
{
    private const string AccountPrefix = "system:serviceaccount:";
    private const string PodNameKey = "authentication.kubernetes.io/pod-name";
    private const string PodUidKey = "authentication.kubernetes.io/pod-uid";

    public async ValueTask<WorkloadIdentity> AttestAsync(string token, CancellationToken ct)
    {
        try
        {
            var review = await kube.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token, Audiences = [audience] } }, ct: ct).ConfigureAwait(false);
            if (review.Status is not { Authenticated: true, User: { } user } status)
            {
                throw await RefusalAsync(token, ct).ConfigureAwait(false);
            }

            // A cluster that knows no audiences would answer without any: that is no proof that the token is for us.
            return status.Audiences?.Contains(audience) is true
                ? await IdentityOfAsync(user, ct).ConfigureAwait(false)
                : throw Refuse(PodTokenFault.OtherAudience, $"the cluster does not confirm that the token is for '{audience}'; project it with that audience");
        }
        catch (Exception e) when (e is KubeException or KubeUnreachableException)
        {
            throw new PodTokenException(PodTokenFault.Unavailable, $"the cluster cannot check the token: {e.Message}; retry", e);
        }
    }

    private async Task<WorkloadIdentity> IdentityOfAsync(UserInfo user, CancellationToken ct)
    {
        if (user.Username?.StartsWith(AccountPrefix, StringComparison.Ordinal) is not true || user.Username[AccountPrefix.Length..].Split(':') is not [var ns, var account])
        {
            throw Refuse(PodTokenFault.NoServiceAccount, $"the token is that of {user.Username}, no service account; send the pod's projected token");
        }

        if (One(user, PodNameKey) is not { } name || One(user, PodUidKey) is not { } uid)
        {
            throw Refuse(PodTokenFault.NotBoundToPod, $"the token of {ns}/{account} is bound to no pod; send one that the kubelet projected into the pod");
        }

        await CheckPodAsync(new NamespacedName(ns, name), uid, account, ct).ConfigureAwait(false);
        return new(SpiffeId.ForServiceAccount(trustDomain, ns, account));
    }

    private async Task CheckPodAsync(NamespacedName key, string uid, string? account, CancellationToken ct)
    {
        var pod = await kube.FindAsync<Pod>(key, ct).ConfigureAwait(false);
        if (pod is null || pod.Status?.Phase is "Succeeded" or "Failed")
        {
            throw Refuse(PodTokenFault.PodGone, $"pod {key} is gone; its token proves nothing any more");
        }

        if (pod.Metadata.Uid != uid)
        {
            throw Refuse(PodTokenFault.OtherPod, $"pod {key} is another one than the token's; the token's pod is gone");
        }

        if (account is not null && (pod.Spec.ServiceAccountName ?? "default") != account)
        {
            throw Refuse(PodTokenFault.OtherServiceAccount, $"pod {key} runs as {pod.Spec.ServiceAccountName}, the token is {account}'s; project the pod's own token");
        }
    }

    /// <summary>
    /// The cluster says only that it does not know a token. Why is read from the token's own words, which nobody has verified: they decide
    /// nothing but the message, and tell a stranger no more than whether a pod of a name and uid that the stranger knows already is there.
    /// </summary>
    private async Task<PodTokenException> RefusalAsync(string token, CancellationToken ct)
    {
        var claims = UnverifiedClaims.Read(token);
        if (claims is { Audiences: { Count: > 0 } audiences } && !audiences.Contains(audience))
        {
            return Refuse(PodTokenFault.OtherAudience, $"the token is for '{string.Join("', '", audiences)}', not for '{audience}'; project it with that audience");
        }

        if (claims is { Pod: { } pod, PodUid: { } uid })
        {
            try
            {
                await CheckPodAsync(pod, uid, account: null, ct).ConfigureAwait(false);
            }
            catch (PodTokenException e)
            {
                return e;
            }
        }

        return Refuse(PodTokenFault.NotAuthenticated, "the cluster does not know the token: it is forged, has expired, or its service account is gone; read it anew from its volume");
    }

    private static string? One(UserInfo user, string key) => user.Extra?.TryGetValue(key, out var values) is true && values is [{ Length: > 0 } value] ? value : null;

    private static PodTokenException Refuse(PodTokenFault fault, string message) => new(fault, message);
}
