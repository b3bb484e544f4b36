using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Delegations;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Requests;

/// <summary>One request to a tool server.</summary>
/// <param name="Method">MCP method.</param>
/// <param name="Parameters">Its parameters, without <c>_meta</c>.</param>
internal sealed record ServerRequest(string Method, JsonObject Parameters)
{
    /// <summary>What stands under <c>_meta["castellan.dev/call"]</c>: which call this is and for whom; null for what is no call.</summary>
    internal JsonObject? Call { get; init; }

    /// <summary>Whose authority it needs there; null for none.</summary>
    internal DelegationRequest? Delegated { get; init; }

    /// <summary>The tool's input schema, which says what of the arguments also goes into headers.</summary>
    internal JsonElement? Schema { get; init; }

    /// <summary>The trace it belongs to.</summary>
    internal System.Diagnostics.ActivityContext Trace { get; init; }

    /// <summary>Who waits for the answer, if anybody does.</summary>
    internal WaitingClient? Client { get; init; }

    /// <summary>The parameters with <c>_meta</c>, as they are sent.</summary>
    /// <param name="meta">What the revision wants there besides.</param>
    /// <param name="progressToken">Under which progress is reported; null asks for none.</param>
    internal JsonObject ParametersWith(JsonObject meta, ProgressToken? progressToken)
    {
        if (Call is not null)
        {
            meta["castellan.dev/call"] = Call.DeepClone();
        }

        if (progressToken is { } token)
        {
            meta["progressToken"] = JsonSerializer.SerializeToNode(token, McpJsonUtilities.DefaultOptions);
        }

        Telemetry.Tracing.TraceContext.Write(meta, Trace);
        var parameters = Parameters.DeepClone().AsObject();
        parameters["_meta"] = meta;
        return parameters;
    }
}

/// <summary>A tool server answered with a JSON-RPC error.</summary>
internal sealed class ServerErrorException(JsonRpcErrorDetail error) : Exception(error.Message)
{
    internal JsonRpcErrorDetail Error => error;
}
