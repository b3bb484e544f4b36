using Castellan.KubeApi.Access;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>Asks the API server what a service account of the test's namespace may do.</summary>
internal sealed class AccessQuestion(OperatorCluster cluster)
{
    public async Task<bool> MayAsync(string account, string verb, string resource, string? ns, string? name = null)
    {
        var review = await cluster.Kube.CreateAsync(new SubjectAccessReview
        {
            Spec = new SubjectAccessReviewSpec
            {
                User = $"system:serviceaccount:{cluster.Namespace}:{account}",
                ResourceAttributes = new ResourceAttributes { Verb = verb, Group = "", Resource = resource, Namespace = ns, Name = name },
            },
        }, ct: cluster.Deadline);
        return review.Status!.Allowed;
    }
}
