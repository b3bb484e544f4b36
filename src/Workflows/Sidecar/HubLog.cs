using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Sidecar;

internal sealed partial class HubLog(ILogger log, string hub)
{
    public void Opened(int inboxes, int activities, int timers) => LogOpened(hub, inboxes, activities, timers);

    public void Attached(bool local) => LogAttached(hub, local);

    public void Detached(int turns, int activities) => LogDetached(hub, turns, activities);

    public void StaleTurn(string instance) => LogStaleTurn(hub, instance);

    public void StaleActivity(string instance, int step) => LogStaleActivity(hub, instance, step);

    public void LeaseEnded(string instance, int step) => LogLeaseEnded(hub, instance, step);

    public void TurnNotCommitted(string instance, Exception error) => LogTurnNotCommitted(hub, instance, error);

    public void EnlistedWriteFailed(string instance, Exception error) => LogEnlistedWriteFailed(hub, instance, error);

    public void LeasesDelayed(Exception error) => LogLeasesDelayed(hub, error);

    public void Stalled(string instance, string reason) => LogStalled(hub, instance, reason);

    public void RetentionDelayed(string reason) => LogRetentionDelayed(hub, reason);

    public void Retired(int count, DateTimeOffset before) => LogRetired(hub, count, before);

    public void WakeDelayed(string instance, string reason) => LogWakeDelayed(hub, instance, reason);

    public void TimerDelayed(string instance, int step, string reason) => LogTimerDelayed(hub, instance, step, reason);

    public void OtherReplicaSlow(string instance) => LogOtherReplicaSlow(hub, instance);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: what was asked of {Instance} is stored, but the replica that has it has not done it yet")]
    private partial void LogOtherReplicaSlow(string hub, string instance);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub} open: {Inboxes} instances with events, {Activities} activities and {Timers} timers to take up")]
    private partial void LogOpened(string hub, int inboxes, int activities, int timers);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: worker attached (in process: {Local})")]
    private partial void LogAttached(string hub, bool local);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: worker detached; {Turns} turns and {Activities} activities will be delivered again")]
    private partial void LogDetached(string hub, int turns, int activities);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: stale answer to a turn of {Instance} discarded")]
    private partial void LogStaleTurn(string hub, string instance);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: stale answer to activity {Step} of {Instance} discarded")]
    private partial void LogStaleActivity(string hub, string instance, int step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hub {Hub}: no answer for {Instance}, step {Step}, within its lease; it is delivered again")]
    private partial void LogLeaseEnded(string hub, string instance, int step);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hub {Hub}: a turn of {Instance} could not be committed; it is delivered again")]
    private partial void LogTurnNotCommitted(string hub, string instance, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hub {Hub}: a write enlisted in a commit of {Instance} failed")]
    private partial void LogEnlistedWriteFailed(string hub, string instance, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hub {Hub}: leases could not be checked; trying again")]
    private partial void LogLeasesDelayed(string hub, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hub {Hub}: {Instance} is stalled: {Reason}")]
    private partial void LogStalled(string hub, string instance, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Hub {Hub}: {Count} instances that ended before {Before:u} purged")]
    private partial void LogRetired(string hub, int count, DateTimeOffset before);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hub {Hub}: old instances could not be purged: {Reason}; trying again later")]
    private partial void LogRetentionDelayed(string hub, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hub {Hub}: the store could not be read for {Instance}: {Reason}; trying again")]
    private partial void LogWakeDelayed(string hub, string instance, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hub {Hub}: timer {Step} of {Instance} delayed: {Reason}")]
    private partial void LogTimerDelayed(string hub, string instance, int step, string reason);
}
