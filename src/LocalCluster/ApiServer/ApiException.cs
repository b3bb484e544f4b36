using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>A request that ends with a Status object.</summary>
/// <param name="code">HTTP status.</param>
/// <param name="reason">One word a client switches on, for example <c>NotFound</c>.</param>
/// <param name="message">For a human.</param>
internal sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public JsonObject? Details { get; init; }

    /// <summary>The Status object of the answer.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Details is not null) status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }
}
