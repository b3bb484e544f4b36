using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.GatewayApi;

namespace Castellan.EvilAgent;

/// <summary>Attack 4: asks for a change and says yes to it itself.</summary>
internal static class SelfApproval
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var change = Foothold.Tool(1, "bank__set_env", Change("1000000"));
        var waiting = await pod.Gateway.CallAsync(pod.Run.RunId, change, ct).ConfigureAwait(false);
        List<Attempt> attempts = [new("raise the limit of the ledger", waiting.State != CallState.AwaitingApproval, Foothold.Told(waiting))];
        var statement = new DecideApprovalRequest(Statement(pod, waiting.CallId));
        var path = $"/v1/approvals/{waiting.CallId}";

        using var atItsListener = Foothold.Post(path, statement);
        attempts.Add(await Foothold.SendAsync("approve it on the agents' listener, signed with its own SVID", pod.Http, atItsListener, ct).ConfigureAwait(false));

        using var edge = Foothold.Edge(orders["edge"]);
        using var atTheEdge = Foothold.Post(path, statement);
        atTheEdge.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Foothold.TokenAsync(ct).ConfigureAwait(false));
        attempts.Add(await Foothold.SendAsync("approve it on the people's listener, with a JWT-SVID as bearer token", edge, atTheEdge, ct).ConfigureAwait(false));

        // In its own hub it may say what it likes; whom it convinces is itself.
        await pod.Hub.RaiseEventAsync(pod.Run.RunId, CallResult.EventPrefix + waiting.CallId, waiting with { State = CallState.Completed }, ct).ConfigureAwait(false);
        var after = await pod.Gateway.GetCallAsync(pod.Run.RunId, waiting.CallId, ct).ConfigureAwait(false);
        attempts.Add(new("tell its own run that the call was approved", after.State != CallState.AwaitingApproval, $"the call itself: {Foothold.Told(after)}"));
        return new(attempts);
    }

    internal static JsonObject Change(string limit) => new() { ["kind"] = "Deployment", ["name"] = "ledger", ["namespace"] = "bank", ["env"] = new JsonObject { ["LIMIT"] = limit } };

    // A statement of the right shape, by the wrong signer.
    private static string Statement(Foothold pod, string callId)
    {
        var svid = pod.Identity.Current.Svid;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = Encode(new JsonObject { ["alg"] = "ES256", ["x5c"] = new JsonArray(Convert.ToBase64String(svid.Leaf.RawData)) });
        var payload = Encode(new JsonObject { ["callId"] = callId, ["argumentsDigest"] = "sha256:0", ["decision"] = "Approve", ["approver"] = "approver", ["iat"] = now, ["exp"] = now + 300 });
        using var key = svid.Leaf.GetECDsaPrivateKey() ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return $"{header}.{payload}.{Base64Url.EncodeToString(key.SignData(System.Text.Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
