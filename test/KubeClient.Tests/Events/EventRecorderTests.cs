using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient.Events;

namespace Castellan.KubeClient.Tests.Events;

public sealed class EventRecorderTests
{
    [Fact]
    public async Task Record_WhenEventRepeats_CountsUp()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        var pod = new Pod { Metadata = { Name = "p", Namespace = "default", Uid = "u" } };
        await using (var recorder = new EventRecorder(kube, "kubelet", "local"))
        {
            recorder.Record(pod, EventType.Warning, "BackOff", "Back-off restarting failed container app", "spec.containers{app}");
            recorder.Record(pod, EventType.Warning, "BackOff", "Back-off restarting failed container app", "spec.containers{app}");
            recorder.Record(pod, EventType.Normal, "Started", "Started container app", "spec.containers{app}");
        }

        var events = (await kube.ListAsync<Event>("default")).Items;

        Assert.Equal(2, events.Count);
        Assert.Equal(2, events.Single(e => e.Reason == "BackOff").Count);
        Assert.Equal("kubelet", events[0].Source!.Component);
    }
}
