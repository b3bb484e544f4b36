using Castellan.KubeApi;
using Castellan.KubeApi.Coordination;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.KubeClient.Leases;

/// <summary>Lets one of several replicas lead, by a Lease.</summary>
/// <remarks>Shape and times: client-go's leaderelection. Clocks of replicas need not agree: a lease counts as expired when it was not seen to change for its duration.</remarks>
public sealed partial class LeaderElection(KubeConnection kube, NamespacedName lease, string identity, LeaderElectionOptions? options = null, ILogger? log = null)
{
    private readonly LeaderElectionOptions _options = options ?? new LeaderElectionOptions();
    private readonly ILogger _log = log ?? NullLogger.Instance;
    private (string? Version, long At) _seen;

    /// <summary>Waits for leadership, then runs <paramref name="lead"/>; its token ends when the lease is lost.</summary>
    /// <returns>When <paramref name="lead"/> ended, leadership was lost, or <paramref name="ct"/> ended; the lease is given back.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> ended before it led.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken ct)
    {
        while (!await TryHoldAsync(ct)) await Task.Delay(_options.Retry, kube.Time, ct);
        LogLeading(identity, lease);
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var work = lead(leading.Token);
        try
        {
            await RenewAsync(work, ct);
        }
        finally
        {
            await leading.CancelAsync();
            try
            {
                await work;
            }
            catch (OperationCanceledException) when (leading.IsCancellationRequested)
            {
                // Told to stop by us.
            }
            await GiveBackAsync();
        }
    }

    private async Task RenewAsync(Task work, CancellationToken ct)
    {
        var renewed = kube.Time.GetTimestamp();
        while (true)
        {
            await Task.WhenAny(work, Task.Delay(_options.Retry, kube.Time, ct));
            if (work.IsCompleted || ct.IsCancellationRequested) return;
            try
            {
                if (await TryHoldAsync(ct))
                {
                    renewed = kube.Time.GetTimestamp();
                    continue;
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return; // told to stop while it renewed
            }
            if (kube.Time.GetElapsedTime(renewed) > _options.RenewDeadline)
            {
                LogLost(identity, lease);
                return;
            }
        }
    }

    private async Task<bool> TryHoldAsync(CancellationToken ct)
    {
        try
        {
            var now = kube.Time.GetUtcNow().UtcDateTime;
            var found = await kube.FindAsync<Lease>(lease, ct);
            if (found is null)
            {
                await kube.CreateAsync(Fill(new Lease { Metadata = { Name = lease.Name, Namespace = lease.Namespace } }, now), ct: ct);
                return true;
            }
            if (_seen.Version != found.Metadata.ResourceVersion) _seen = (found.Metadata.ResourceVersion, kube.Time.GetTimestamp());
            var holder = found.Spec.HolderIdentity;
            var duration = TimeSpan.FromSeconds(found.Spec.LeaseDurationSeconds ?? 0);
            if (!string.IsNullOrEmpty(holder) && holder != identity && kube.Time.GetElapsedTime(_seen.At) < duration) return false;
            await kube.ReplaceAsync(Fill(found, now), ct: ct);
            return true;
        }
        catch (Exception e) when (e is KubeUnreachableException or KubeException)
        {
            LogTryFailed(lease, e.Message);
            return false;
        }
    }

    private Lease Fill(Lease held, DateTime now)
    {
        if (held.Spec.HolderIdentity != identity)
        {
            held.Spec.LeaseTransitions = held.Spec.HolderIdentity is null ? 0 : (held.Spec.LeaseTransitions ?? 0) + 1;
            held.Spec.AcquireTime = now;
        }
        held.Spec.HolderIdentity = identity;
        held.Spec.LeaseDurationSeconds = (int)_options.LeaseDuration.TotalSeconds;
        held.Spec.RenewTime = now;
        return held;
    }

    private async Task GiveBackAsync()
    {
        using var limit = new CancellationTokenSource(_options.Retry, kube.Time);
        try
        {
            if (await kube.FindAsync<Lease>(lease, limit.Token) is not { } held || held.Spec.HolderIdentity != identity) return;
            held.Spec.HolderIdentity = "";
            held.Spec.LeaseDurationSeconds = 1;
            await kube.ReplaceAsync(held, ct: limit.Token);
        }
        catch (Exception e) when (e is KubeUnreachableException or KubeException or OperationCanceledException or ObjectDisposedException)
        {
            LogTryFailed(lease, e.Message); // it expires by itself
        }
    }
}
