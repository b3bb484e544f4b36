using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Which container of a pod a log request means, and whether it can have a log yet.</summary>
internal static class PodContainers
{
    public static IEnumerable<string> Names(JsonObject pod) => ((ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"]).ToArray()
        .SelectMany(list => pod.Object("spec").Array(list).Objects()).Select(c => c.Text("name") ?? "");

    public static string Default(JsonObject pod)
    {
        if (pod.Object("metadata").Object("annotations").Text("kubectl.kubernetes.io/default-container") is { } named) return named;
        var containers = pod.Object("spec").Array("containers").Objects().Select(c => c.Text("name") ?? "").ToList();
        if (containers.Count == 1) return containers[0];
        throw ApiErrors.BadRequest($"a container name must be specified for pod {pod.Name()}, choose one of: [{string.Join(' ', containers)}]");
    }

    public static void RequireStarted(JsonObject pod, string container, bool previous)
    {
        var status = ((ReadOnlySpan<string>)["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]).ToArray()
            .SelectMany(list => pod.Object("status").Array(list).Objects()).FirstOrDefault(s => s.Text("name") == container);
        if (pod.Object("spec").Text("nodeName") is not { Length: > 0 } && status is null)
        {
            throw ApiErrors.BadRequest($"pod {pod.Name()} does not have a host assigned");
        }
        if (previous)
        {
            if (status.Object("lastState").Object("terminated") is not null) return;
            throw ApiErrors.BadRequest($"previous terminated container \"{container}\" in pod \"{pod.Name()}\" not found");
        }
        var waiting = status.Object("state").Object("waiting");
        if (waiting is null || status.Object("lastState").Object("terminated") is not null) return;
        var reason = waiting.Text("reason") ?? "ContainerCreating";
        if (reason is "ErrImagePull" or "ImagePullBackOff") reason = "trying and failing to pull image";
        throw ApiErrors.BadRequest($"container \"{container}\" in pod \"{pod.Name()}\" is waiting to start: {reason}");
    }
}
