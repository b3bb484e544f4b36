using System.Net;
using Castellan.KubeClient;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Calls;

/// <summary>Turns a refusal of the API server into what a model can act on.</summary>
internal static class KubeFailure
{
    public static ToolProblem Of(Exception failure, string user) => failure switch
    {
        KubeException { IsForbidden: true } e => new(
            e.Message.Contains("impersonate", StringComparison.Ordinal) ? $"this server may not act for '{user}': {e.Message}" : e.Message,
            e.Message.Contains("impersonate", StringComparison.Ordinal)
                ? "name the user in spec.builtIn.impersonateUsers of the ToolServer; for an agent, check that the controller has seen it"
                : "do without it, or ask for a Role that allows it (for an agent: spec.access of the Agent)", e),
        KubeException { IsInvalid: true } e => new(e.Message, "correct the fields that the message names", e),
        KubeException { IsConflict: true } e => new(e.Message, "read the object again and repeat the change on what it is now", e),
        KubeException { IsNotFound: true } e => new(e.Message, "list shows what there is", e),
        KubeException { Code: HttpStatusCode.UnsupportedMediaType } e => new(e.Message, "use another type of patch", e),
        KubeException { Code: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout } e => new(e.Message, "wait a little and try again", e),
        KubeException e => new(e.Message, "check the arguments", e),
        _ => new(failure.Message, "try again later", failure),
    };
}
