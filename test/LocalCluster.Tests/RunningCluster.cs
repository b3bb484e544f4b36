using System.Net;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.LocalCluster.Kubelet;

namespace Castellan.LocalCluster.Tests;

/// <summary>A whole cluster that runs pods, with real time, in folders of its own.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private RunningCluster(LocalCluster cluster, string folder, string pods)
    {
        (Cluster, Folder, PodsFolder) = (cluster, folder, pods);
        Kube = new KubeConnection(cluster.AdminConfig);
    }

    public LocalCluster Cluster { get; }

    public KubeConnection Kube { get; }

    public string Folder { get; }

    public string PodsFolder { get; }

    public static async Task<RunningCluster> StartAsync(string? folder = null, string? pods = null)
    {
        folder ??= Directory.CreateTempSubdirectory("castellan-cluster-").FullName;
        if (pods is null)
        {
            // Pods run under users of their own when we are root: they must be able to pass.
            pods = Directory.CreateTempSubdirectory("castellan-pods-").FullName;
            File.SetUnixFileMode(pods, Folders.Passage);
        }
        var cluster = await LocalCluster.StartAsync(new LocalClusterOptions
        {
            DataDirectory = folder,
            PodsDirectory = pods,
            FlushToDisk = false,
            RestartBackoff = TimeSpan.FromMilliseconds(100),
            Images = new Dictionary<string, ImageCommand> { ["test.dev/shell"] = new("/bin/sh", ["-c"]) },
        });
        return new RunningCluster(cluster, folder, pods);
    }

    public Task<Pod> RunAsync(string name, string script, Action<Pod>? change = null) => Kube.CreateAsync(Given.Pod(name, script, change));

    /// <summary>Waits until an object looks as described, by watching it.</summary>
    public async Task<T> UntilAsync<T>(string name, Func<T, bool> holds, string ns = "default") where T : KubeObject
    {
        using var limit = new CancellationTokenSource(Patience);
        T? last = null;
        try
        {
            await foreach (var e in Kube.WatchAsync<T>(ns, new WatchOptions { FieldSelector = $"metadata.name={name}" }, limit.Token))
            {
                if (e.Type is WatchEventType.Bookmark or WatchEventType.Deleted) continue;
                last = e.Object;
                if (holds(last)) return last;
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told below.
        }
        throw new Xunit.Sdk.XunitException($"{typeof(T).Name} {name} did not come to look as expected; last: {(last is null ? "none" : System.Text.Json.JsonSerializer.Serialize(last, KubeJson.Options))}{await EventsAsync(name)}");
    }

    private async Task<string> EventsAsync(string about)
    {
        var events = (await Kube.ListAsync<Event>("default")).Items.Where(e => e.InvolvedObject.Name == about);
        return string.Concat(events.Select(e => $"\n  {e.Type} {e.Reason}: {e.Message}"));
    }

    public Task<Event> EventAsync(string about, string reason) => UntilEventAsync(e => e.InvolvedObject.Name == about && e.Reason == reason, $"{reason} about {about}");

    /// <summary>Waits until an object is gone.</summary>
    public async Task GoneAsync<T>(string name, string ns = "default") where T : KubeObject
    {
        using var limit = new CancellationTokenSource(Patience);
        var list = await Kube.ListAsync<T>(ns, ct: limit.Token);
        if (list.Items.All(i => i.Metadata.Name != name)) return;
        await foreach (var e in Kube.WatchAsync<T>(ns, new WatchOptions { ResourceVersion = list.Metadata.ResourceVersion }, limit.Token))
        {
            if (e.Type == WatchEventType.Deleted && e.Object.Metadata.Name == name) return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(PodsFolder, recursive: true);
    }

    /// <summary>Stops, keeping the folders for another start.</summary>
    public async Task StopAsync()
    {
        Kube.Dispose();
        await Cluster.DisposeAsync();
    }

    private async Task<Event> UntilEventAsync(Func<Event, bool> matches, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var e in Kube.WatchAsync<Event>("default", ct: limit.Token))
            {
                if (e.Type != WatchEventType.Bookmark && matches(e.Object)) return e.Object;
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told below.
        }
        throw new Xunit.Sdk.XunitException($"there was no event {what}");
    }
}

/// <summary>Objects for tests.</summary>
internal static class Given
{
    public static Pod Pod(string name, string script, Action<Pod>? change = null)
    {
        var pod = new Pod
        {
            Metadata = { Name = name, Namespace = "default" },
            Spec = Spec(script),
        };
        change?.Invoke(pod);
        return pod;
    }

    public static Deployment Deployment(string name, string script, int replicas = 1, Action<Deployment>? change = null)
    {
        var labels = new Dictionary<string, string> { ["app"] = name };
        var deployment = new Deployment
        {
            Metadata = { Name = name, Namespace = "default" },
            Spec = new DeploymentSpec
            {
                Replicas = replicas,
                Selector = new LabelSelector { MatchLabels = labels },
                Template = new PodTemplateSpec { Metadata = new ObjectMeta { Labels = labels }, Spec = Spec(script) },
            },
        };
        change?.Invoke(deployment);
        return deployment;
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static PodSpec Spec(string script) => new()
    {
        ServiceAccountName = "default",
        AutomountServiceAccountToken = false,
        TerminationGracePeriodSeconds = 2,
        Containers = [new Container { Name = "app", Image = "test.dev/shell:1", Args = [script] }],
    };
}
