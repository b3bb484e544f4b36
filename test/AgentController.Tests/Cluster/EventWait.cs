using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>Waits for an Event about an object.</summary>
internal sealed class EventWait(OperatorCluster cluster)
{
    public async Task ForAsync(string uid, string reason)
    {
        await foreach (var e in cluster.Kube.WatchAsync<Event>(cluster.Namespace, new WatchOptions(), cluster.Deadline))
        {
            if (e.Object.InvolvedObject.Uid == uid && e.Object.Reason == reason)
            {
                return;
            }
        }
        Assert.Fail($"the watch ended before an event {reason}");
    }
}
