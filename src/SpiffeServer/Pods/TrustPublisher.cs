using System.Text;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeServer.Pods;

/// <summary>
/// Keeps the ConfigMap up to date by which pods know this server before they have an SVID, and from which the gateway reads who is denied.
/// The controller copies the bundle beside each workload.
/// </summary>
internal sealed partial class TrustPublisher : IAsyncDisposable
{
    private const string Manager = "castellan-spiffe-server";
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(10);
    private readonly Authority _authority;
    private readonly KubeConnection _kube;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TrustPublisher(Authority authority, KubeConnection kube, ILogger logger)
    {
        (_authority, _kube, _logger) = (authority, kube, logger);
        _running = RunAsync(_stop.Token);
    }

    public static TrustPublisher Start(Authority authority, KubeConnection kube, ILoggerFactory loggers) => new(authority, kube, loggers.CreateLogger<TrustPublisher>());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(ct);
            // Taken before what they tell of is read, so that no change is missed.
            using var bundle = _authority.BundleChange.RegisterChangeCallback(Wake, wake);
            using var denials = _authority.Denials.ChangeToken.RegisterChangeCallback(Wake, wake);
            var wait = await TryPublishAsync(ct).ConfigureAwait(false) ? Timeout.InfiniteTimeSpan : s_retryAfter;
            await Task.Delay(wait, _kube.Time, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    private static void Wake(object? state) => ((CancellationTokenSource)state!).Cancel();

    private async Task<bool> TryPublishAsync(CancellationToken ct)
    {
        var map = new ConfigMap
        {
            Metadata = new ObjectMeta { Name = TrustConfig.ConfigMap, Namespace = WorkloadNames.SystemNamespace },
            Data = new Dictionary<string, string>
            {
                [TrustConfig.BundleKey] = Encoding.UTF8.GetString(_authority.Bundle.Export()),
                [TrustConfig.DeniedKey] = string.Join('\n', _authority.Denials.Denied.Select(d => d.ToString()).Order(StringComparer.Ordinal)),
            },
        };
        try
        {
            await _kube.ApplyAsync(map, Manager, force: true, ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is KubeException or KubeUnreachableException)
        {
            LogFailed(_logger, TrustConfig.ConfigMap, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ConfigMap {ConfigMap} could not be written, trying again: {Problem}")]
    private static partial void LogFailed(ILogger logger, string configMap, string problem);
}
