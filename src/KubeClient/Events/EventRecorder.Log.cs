using Castellan.KubeApi;
using Microsoft.Extensions.Logging;

namespace Castellan.KubeClient.Events;

public sealed partial class EventRecorder
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Reason} about {Key} is lost: {Problem}")]
    private partial void LogDropped(string reason, NamespacedName key, string problem);
}
