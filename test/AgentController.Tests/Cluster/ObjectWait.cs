using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>Waits on a watch until one object is as described.</summary>
internal sealed class ObjectWait<T>(KubeConnection kube, NamespacedName key, Func<T?, bool> until) where T : KubeObject
{
    private T? last;

    public async Task<T?> RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var list = await kube.ListAsync<T>(key.Namespace.Length == 0 ? null : key.Namespace, ct: ct);
                if (until(last = list.Items.FirstOrDefault(o => o.Key == key)) || await WatchAsync(list.Metadata.ResourceVersion, ct))
                {
                    return last;
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{typeof(T).Name} {key} did not become as expected; it is {(last is null ? "absent" : System.Text.Json.JsonSerializer.Serialize(last, KubeJson.Options))}");
        }
    }

    private async Task<bool> WatchAsync(string? version, CancellationToken ct)
    {
        var options = new WatchOptions { ResourceVersion = version };
        await foreach (var e in kube.WatchAsync<T>(key.Namespace.Length == 0 ? null : key.Namespace, options, ct))
        {
            if (e.Type == WatchEventType.Bookmark || e.Object.Key != key)
            {
                continue;
            }
            last = e.Type == WatchEventType.Deleted ? null : e.Object;
            if (until(last))
            {
                return true;
            }
        }
        return false; // the server ended the watch
    }
}
