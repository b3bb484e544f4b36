using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private PodStatus? _written;
    private string? _writtenJson;

    /// <summary>Writes the status if it is not what was written last.</summary>
    private async Task PublishAsync()
    {
        var facts = new PodFacts(_runs, _node.HostIp) { PodIp = _ip, StartTime = _startTime, IsPrepared = _prepared, Before = _written?.Conditions };
        var status = PodStatusBuilder.Build(_pod, facts, Now.UtcDateTime);
        var json = JsonSerializer.SerializeToNode(status, KubeJson.Options)!;
        var text = json.ToJsonString();
        if (text == _writtenJson) return;
        try
        {
            // The uid keeps this from being written to another pod of the same name.
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = _pod.Metadata.Uid }, ["status"] = json };
            await _node.Kube.PatchAsync<Pod>(_pod.Key, KubePatch.Merge(patch), "status");
        }
        catch (KubeException e) when (e.IsNotFound || e.IsConflict)
        {
            LogStatusRefused(_pod.Key, e.Message); // the pod is gone; the informer is about to say so
        }
        (_written, _writtenJson) = (status, text);
    }
}
