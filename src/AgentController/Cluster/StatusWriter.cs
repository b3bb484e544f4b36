using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;

namespace Castellan.AgentController.Cluster;

/// <summary>Writes what the controller found into the status of our kinds, and an Event when the reason changes.</summary>
internal sealed class StatusWriter(KubeConnection kube, EventRecorder events)
{
    /// <summary>Reports a verdict. Nothing is written if the status says the same already.</summary>
    /// <param name="subject">The object, as read.</param>
    /// <param name="last">Its conditions, as read.</param>
    /// <param name="ready">What was found.</param>
    /// <param name="fields">Further fields of the status that the controller owns; a null value is left out, and taken away if it was there.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task WriteAsync(KubeObject subject, IEnumerable<Condition>? last, Verdict ready, JsonObject fields, CancellationToken ct)
    {
        var before = Conditions.Find(last, ApiGroup.ReadyCondition);
        var after = Conditions.Next(last, ApiGroup.ReadyCondition, ready, subject.Metadata.Generation, kube.Time.GetUtcNow());
        var now = Without(fields);
        now["observedGeneration"] = subject.Metadata.Generation;
        if (before == after && IsSame(subject, now))
        {
            return;
        }
        now["conditions"] = new JsonArray(JsonSerializer.SerializeToNode(after, KubeJson.Options));
        try
        {
            await kube.ApplyStatusAsync(KubeResource.Of(subject.GetType()), Envelope(subject, now), ApiGroup.FieldManager, force: true, ct);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return; // deleted meanwhile: nobody is left to tell
        }
        if (before?.Reason != after.Reason)
        {
            events.Record(subject, ready.Status == ConditionStatus.True || ready.Reason == Workloads.WorkloadHealth.ProgressingReason ? EventType.Normal : EventType.Warning, ready.Reason, ready.Message);
        }
    }

    private static JsonObject Without(JsonObject fields) =>
        new(fields.Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value!.DeepClone())));

    private static bool IsSame(KubeObject subject, JsonObject wanted)
    {
        var status = JsonSerializer.SerializeToNode(subject, subject.GetType(), KubeJson.Options)!["status"] as JsonObject;
        return status is not null && wanted.All(f => JsonNode.DeepEquals(status[f.Key], f.Value));
    }

    private static JsonObject Envelope(KubeObject subject, JsonObject status) => new()
    {
        ["apiVersion"] = subject.ApiVersion,
        ["kind"] = subject.Kind,
        ["metadata"] = new JsonObject { ["name"] = subject.Metadata.Name, ["namespace"] = subject.Metadata.Namespace },
        ["status"] = status,
    };
}
