using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Castellan.Telemetry.Tracing;

namespace Castellan.GatewayApi;

/// <summary>Speaks to the gateway: the CLI's API on the edge listener, calls of a run on the workload listener.</summary>
/// <param name="http">
/// Carries base address and authentication: a bearer token on the edge, an X509-SVID on the workload listener. Owned by the caller.
/// Set its timeout to infinite: event streams and calls last long.
/// </param>
/// <remarks>Every method throws <see cref="GatewayException"/> when the gateway refuses or cannot be reached. Safe to call from many threads.</remarks>
public sealed partial class GatewayClient(HttpClient http)
{
    /// <summary>Starts a run of an agent.</summary>
    /// <param name="ns">Namespace of the agent.</param>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="request">What to say, in which session.</param>
    /// <param name="ct">Ends the wait, not the run.</param>
    public Task<StartedRun> StartRunAsync(string ns, string agent, StartRunRequest request, CancellationToken ct) =>
        SendAsync<StartedRun>(HttpMethod.Post, $"/v1/namespaces/{Escape(ns)}/agents/{Escape(agent)}/runs", request, ct);

    /// <summary>Reads a run.</summary>
    public Task<Run> GetRunAsync(string runId, CancellationToken ct) => SendAsync<Run>(HttpMethod.Get, $"/v1/runs/{Escape(runId)}", null, ct);

    /// <summary>Lists the newest runs, newest first.</summary>
    public async Task<IReadOnlyList<Run>> ListRunsAsync(CancellationToken ct) =>
        (await SendAsync<ItemList<Run>>(HttpMethod.Get, "/v1/runs", null, ct).ConfigureAwait(false)).Items;

    /// <summary>Lists approvals.</summary>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="ct">Ends the request.</param>
    public async Task<IReadOnlyList<Approval>> ListApprovalsAsync(ApprovalState? state, CancellationToken ct) =>
        (await SendAsync<ItemList<Approval>>(HttpMethod.Get, state is { } s ? $"/v1/approvals?state={s}" : "/v1/approvals", null, ct).ConfigureAwait(false)).Items;

    /// <summary>Reads an approval.</summary>
    public Task<Approval> GetApprovalAsync(string callId, CancellationToken ct) =>
        SendAsync<Approval>(HttpMethod.Get, $"/v1/approvals/{Escape(callId)}", null, ct);

    /// <summary>Hands in a signed decision.</summary>
    public Task<Approval> DecideApprovalAsync(string callId, string statement, CancellationToken ct) =>
        SendAsync<Approval>(HttpMethod.Post, $"/v1/approvals/{Escape(callId)}", new DecideApprovalRequest(statement), ct);

    /// <summary>Lists audit records in ascending order.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAuditAsync(AuditFilter filter, CancellationToken ct) =>
        (await ReadAuditAsync(filter, ct).ConfigureAwait(false)).Items;

    /// <summary>Lists a page of audit records in ascending order, and says where the next begins.</summary>
    public Task<AuditPage> ReadAuditAsync(AuditFilter filter, CancellationToken ct) =>
        SendAsync<AuditPage>(HttpMethod.Get, $"/v1/audit{filter.ToQuery()}", null, ct);

    /// <summary>Reads the records of one sequence number or of one call.</summary>
    public async Task<IReadOnlyList<AuditEntry>> GetAuditAsync(string sequenceOrCallId, CancellationToken ct) =>
        (await SendAsync<ItemList<AuditEntry>>(HttpMethod.Get, $"/v1/audit/{Escape(sequenceOrCallId)}", null, ct).ConfigureAwait(false)).Items;

    /// <summary>Checks the whole audit log.</summary>
    /// <param name="remembered">A head seen earlier, to notice a cut tail; null if there is none.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<AuditVerification> VerifyAuditAsync(AuditHead? remembered, CancellationToken ct) =>
        SendAsync<AuditVerification>(HttpMethod.Post, "/v1/audit/verify", new VerifyAuditRequest(remembered), ct);

    /// <summary>Reads the public key that signs the audit log's checkpoints.</summary>
    public Task<string> GetAuditKeyAsync(CancellationToken ct) => GetTextAsync("/v1/audit/log/key", ct);

    /// <summary>Reads a checkpoint that covers every record there is.</summary>
    public Task<string> GetAuditCheckpointAsync(CancellationToken ct) => GetTextAsync("/v1/audit/log/checkpoint", ct);

    /// <summary>Asks for the proof that a record is in the audit log.</summary>
    public Task<AuditProof> ProveAuditAsync(long sequence, CancellationToken ct) =>
        SendAsync<AuditProof>(HttpMethod.Get, $"/v1/audit/log/proofs/{sequence}", null, ct);

    /// <summary>Asks for the proof that the audit log only grew since it had so many records.</summary>
    public Task<AuditGrowth> ProveAuditGrowthAsync(long oldSize, CancellationToken ct) =>
        SendAsync<AuditGrowth>(HttpMethod.Get, $"/v1/audit/log/growth?from={oldSize}", null, ct);

    /// <summary>Removes the texts of old audit records; their hashes stay.</summary>
    public Task<AuditPruning> PruneAuditAsync(PruneAuditRequest request, CancellationToken ct) => SendAsync<AuditPruning>(HttpMethod.Post, "/v1/audit/prune", request, ct);

    /// <summary>Reads what the audit log says about pruned records; empty when there are none.</summary>
    public Task<string> GetAuditPrunedAsync(CancellationToken ct) => GetTextAsync("/v1/audit/log/pruned", ct);

    /// <summary>Reads a file of the audit log's static layout.</summary>
    /// <param name="path">For example <c>tile/0/000.p/17</c> or <c>tile/entries/000.p/17</c>.</param>
    /// <param name="ct">Ends the request.</param>
    public async Task<byte[]> GetAuditFileAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/audit/log/{path}");
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Makes a call within a run; for agents.</summary>
    /// <returns>An ended call, or one that waits for an approval: then event <c>call:ID</c> is raised on the run's instance when it ends.</returns>
    public Task<CallResult> CallAsync(string runId, CallRequest request, CancellationToken ct) =>
        SendAsync<CallResult>(HttpMethod.Post, $"/v1/runs/{Escape(runId)}/calls", request, ct);

    /// <summary>Reads a call of a run; for agents.</summary>
    public Task<CallResult> GetCallAsync(string runId, string callId, CancellationToken ct) =>
        SendAsync<CallResult>(HttpMethod.Get, $"/v1/runs/{Escape(runId)}/calls/{Escape(callId)}", null, ct);

    /// <summary>Follows the events of a run from the next one after <paramref name="after"/> until the run ends; one connection, no reconnect.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">Sequence of the last event already seen; 0 for all.</param>
    /// <param name="ct">Ends the stream.</param>
    public async IAsyncEnumerable<RunEvent> RunEventsAsync(string runId, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/runs/{Escape(runId)}/events?after={after}");
        request.Headers.Accept.Add(new("text/event-stream"));
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
        await using var stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        await foreach (var item in RunEventStream.ReadAsync(stream, ct).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    private async Task<string> GetTextAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(ct).ConfigureAwait(false);
    }

    private static string Escape(string segment) => Uri.EscapeDataString(segment);

    private async Task SendAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = Request(method, path, body);
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body) => new(method, path)
    {
        Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: GatewayJson.Options),
    };

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = Request(method, path, body);
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(GatewayJson.Options, ct).ConfigureAwait(false)
                ?? throw new JsonException("the body is null");
        }
        catch (JsonException e)
        {
            throw Unreadable(method, path, e);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            TraceContext.Write(request.Headers, TraceContext.Current);
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new GatewayException(new GatewayProblem(0, "Unreachable", $"the gateway at {http.BaseAddress} does not answer: {e.Message}",
                "check that it runs ('castellan status') and that this address is right"), e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new GatewayException(await ProblemOfAsync(response, ct).ConfigureAwait(false));
        }
    }

    private static async Task<GatewayProblem> ProblemOfAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType is GatewayProblem.ContentType)
        {
            try
            {
                if (await response.Content.ReadFromJsonAsync<GatewayProblem>(GatewayJson.Options, ct).ConfigureAwait(false) is { } problem)
                {
                    return problem;
                }
            }
            catch (JsonException)
            {
                // Not ours after all; the status alone still says what happened.
            }
        }

        var remedy = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "log in again or choose a context with a valid token",
            HttpStatusCode.Forbidden => "ask for the role that allows it",
            _ => null,
        };
        return new GatewayProblem(status, response.StatusCode.ToString(), $"the gateway answered {status} {response.ReasonPhrase}", remedy);
    }

    private static GatewayException Unreadable(HttpMethod method, string path, Exception e) => new(
        new GatewayProblem(0, "Unreadable", $"the answer to {method} {path} is not what this version expects: {e.Message}",
            "use the same version of client and gateway"), e);
}
