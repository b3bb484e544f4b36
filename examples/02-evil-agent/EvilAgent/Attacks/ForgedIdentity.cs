using System.Text.Json.Nodes;
using Castellan.AgentApi.Workloads;

namespace Castellan.EvilAgent;

/// <summary>Attack 2: headers and members that say it is somebody else, or acts for somebody else.</summary>
internal static class ForgedIdentity
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var gateway = Environment.GetEnvironmentVariable(WorkloadEnvironment.GatewayId)!;
        List<Attempt> attempts = [];
        foreach (var (header, value) in new[] { ("X-Forwarded-Client-Cert", $"URI={gateway}"), ("Impersonate-User", "approver"), ("Authorization", $"Bearer {await Foothold.TokenAsync(ct).ConfigureAwait(false)}") })
        {
            using var request = Call(pod, 1);
            request.Headers.TryAddWithoutValidation(header, value);
            attempts.Add(await Foothold.SendAsync($"read a secret with header {header}", pod.Http, request, ct).ConfigureAwait(false));
        }

        // What the gateway tells tool servers in _meta, sent to the gateway: it takes neither principal nor user from a request.
        var forged = Body(2);
        forged["principal"] = gateway;
        forged["onBehalfOf"] = "approver";
        forged["_meta"] = new JsonObject { ["castellan.dev/call"] = new JsonObject { ["user"] = "approver", ["groups"] = new JsonArray("castellan:approvers") } };
        using var withMembers = Foothold.Post($"/v1/runs/{pod.Run.RunId}/calls", forged);
        using var answer = await pod.Http.SendAsync(withMembers, ct).ConfigureAwait(false);
        var result = JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct).ConfigureAwait(false));
        attempts.Add(new("read a secret with forged principal, onBehalfOf and _meta", (string?)result?["state"] is not "Denied", $"{(string?)result?["state"] ?? $"HTTP {(int)answer.StatusCode}"}: {(string?)result?["message"] ?? (string?)result?["detail"]}"));
        return new(attempts);
    }

    private static HttpRequestMessage Call(Foothold pod, long sequence) => Foothold.Post($"/v1/runs/{pod.Run.RunId}/calls", Body(sequence));

    private static JsonObject Body(long sequence) => new()
    {
        ["sequence"] = sequence,
        ["kind"] = "Tool",
        ["tool"] = new JsonObject { ["name"] = "bank__get", ["arguments"] = new JsonObject { ["kind"] = "Secret", ["name"] = "vault", ["namespace"] = "bank" } },
    };
}
