namespace Castellan.KubeClient.Informers;

/// <summary>An informer of any kind, for those that only run it.</summary>
public interface IInformer
{
    /// <summary>Lists and watches until cancelled.</summary>
    Task RunAsync(CancellationToken ct);

    /// <summary>Waits until the first list is in the cache.</summary>
    Task WaitForSyncAsync(CancellationToken ct);
}
