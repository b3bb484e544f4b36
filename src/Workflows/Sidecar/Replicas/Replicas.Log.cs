using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Sidecar.Replicas;

internal sealed partial class ReplicaLog(ILogger log)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Replica {Replica} joined the others on this database")]
    public partial void Joined(long replica);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replica {Replica} left; {Instances} instances are free for others")]
    public partial void Left(long replica, long instances);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Replica {Replica} lost its lease: it did not reach the database in time, and others may have its instances. It drops what it held and joins again")]
    public partial void LeaseLost(long replica);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Replica {Replica} is dead; {Instances} instances were freed for others")]
    public partial void Freed(long replica, long instances);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Replica {Replica} could not renew its lease: {Reason}; trying again")]
    public partial void BeatFailed(long replica, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Replica {Replica} could not look for work: {Reason}; trying again")]
    public partial void RoundFailed(long replica, string reason);
}
