using Microsoft.Extensions.Logging;

namespace Castellan.Models.OpenAI;

internal static partial class OpenAILog
{
    [LoggerMessage(1, LogLevel.Warning, "Model {Model} did not answer attempt {Attempt} (status {Status}); trying again in {Wait}")]
    public static partial void AttemptFailed(this ILogger log, string model, int attempt, int status, TimeSpan wait);
}
