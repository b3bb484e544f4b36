using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Identity;

/// <summary>The refusals the gateway's endpoints share; each becomes problem details.</summary>
internal static class Refusals
{
    internal static GatewayException Unauthenticated(string problem) =>
        new(new GatewayProblem(401, "Unauthorized", problem, "send a bearer token that the cluster knows, for example that of your kubeconfig context"));

    internal static GatewayException Forbidden(string problem, string remedy) => new(new GatewayProblem(403, "Forbidden", problem, remedy));

    internal static GatewayException NotFound(string problem, string remedy) => new(new GatewayProblem(404, "NotFound", problem, remedy));

    internal static GatewayException Conflict(string problem, string remedy) => new(new GatewayProblem(409, "Conflict", problem, remedy));

    internal static GatewayException Invalid(string problem, string remedy) => new(new GatewayProblem(422, "Invalid", problem, remedy));

    internal static GatewayException Unavailable(string problem, string remedy, Exception? inner = null) => new(new GatewayProblem(503, "Unavailable", problem, remedy), inner);
}
