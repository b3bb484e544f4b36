using Castellan.GatewayApi;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

/// <summary>Follows what the gateway wants of this pod's sidecar, over the mutual TLS that also carries the run's calls. The SVID says which agent this is.</summary>
internal sealed class RunRelay(GatewayClient gateway, SidecarRuns runs, TimeProvider clock, ILogger<RunRelay> log) : BackgroundService
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private volatile bool _isConnected;
    private volatile string? _problem;

    /// <summary>True while the gateway's commands arrive.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Why they do not.</summary>
    public string? Problem => _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = s_firstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(() => pause = s_firstPause, stoppingToken).ConfigureAwait(false);
                Lost("the gateway ended the connection");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Lost(e.Message);
            }
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
        await runs.WhenIdleAsync().ConfigureAwait(false);
    }

    private async Task FollowAsync(Action connected, CancellationToken ct)
    {
        await foreach (var command in gateway.RunCommandsAsync(clock, Connected, ct).ConfigureAwait(false)) runs.Take(command, ct);

        void Connected()
        {
            connected();
            (_isConnected, _problem) = (true, null);
            log.RelayConnected();
        }
    }

    private void Lost(string reason)
    {
        (_isConnected, _problem) = (false, reason);
        log.RelayLost(reason);
    }
}
