using Castellan.KubeApi.Access;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>Asks the API server what a service account of the test's namespace may do.</summary>
internal sealed class AccessQuestion(OperatorCluster cluster)
{
    /// <summary>Asks until the answer is as expected: an authorizer learns of roles and bindings through watches of its own.</summary>
    public async Task UntilAsync(bool expected, string account, string verb, string resource, string? ns, string? name = null)
    {
        while (await MayAsync(account, verb, resource, ns, name) != expected)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cluster.Deadline);
        }
    }

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
