using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.KubeClient.Leases;

public sealed partial class LeaderElection
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads by lease {Lease}")]
    private partial void LogLeading(string identity, NamespacedName lease);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Identity} lost lease {Lease} and stops leading")]
    private partial void LogLost(string identity, NamespacedName lease);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Lease {Lease} could not be taken or renewed: {Problem}")]
    private partial void LogTryFailed(NamespacedName lease, string problem);
}
