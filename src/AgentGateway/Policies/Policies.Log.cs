using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Policies;

internal static partial class PolicyLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Policies {Revision} are in force: {Rules} rules")]
    internal static partial void InForce(ILogger log, string revision, int rules);

    [LoggerMessage(Level = LogLevel.Error, Message = "A policy is faulty, so its last good version stays in force (without one it denies): {Fault}")]
    internal static partial void Faulty(ILogger log, string fault);
}
