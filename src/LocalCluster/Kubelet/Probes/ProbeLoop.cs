using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Kubelet.Probes;

/// <summary>Repeats one probe and tells when its verdict changes.</summary>
internal sealed class ProbeLoop(ProbeKind kind, Probe probe, TimeProvider time, Func<CancellationToken, Task<ProbeResult>> check)
{
    private readonly TimeSpan _period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10));
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));

    public ProbeKind Kind => kind;

    /// <summary>Probes until cancelled, or once a startup probe has succeeded.</summary>
    /// <param name="verdict">Called with true or false when enough checks in a row agree and the verdict is new.</param>
    /// <param name="failed">Called with the output of every check that failed.</param>
    /// <param name="ct">Ends the probing.</param>
    public async Task RunAsync(Action<bool> verdict, Action<string> failed, CancellationToken ct)
    {
        bool? known = null;
        var (streak, last) = (0, false);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), time, ct);
            while (true)
            {
                var result = await CheckAsync(ct);
                if (!result.Ok) failed(result.Output);
                (streak, last) = (result.Ok == last ? streak + 1 : 1, result.Ok);
                var needed = Math.Max(1, (result.Ok ? probe.SuccessThreshold ?? 1 : probe.FailureThreshold ?? 3));
                if (streak >= needed && known != result.Ok)
                {
                    known = result.Ok;
                    verdict(result.Ok);
                    if (result.Ok && kind == ProbeKind.Startup) return;
                }
                await Task.Delay(_period, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The container ended.
        }
    }

    private async Task<ProbeResult> CheckAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var result = await check(both.Token);
        ct.ThrowIfCancellationRequested();
        return result;
    }
}
