using Castellan.AgentGateway.Identity;
using Castellan.Audit.Transparency;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Checkpoints and proofs of the audit log, and its files in the layout that public tools read (C2SP tlog-tiles).</summary>
internal sealed class TransparencyEndpoints(TransparencyLog log, TokenAuthenticator tokens, AccessCheck access)
{
    private const string Text = "text/plain; charset=utf-8";

    internal void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/audit/log/key", (Delegate)KeyAsync);
        app.MapGet("/v1/audit/log/checkpoint", (Delegate)CheckpointAsync);
        app.MapGet("/v1/audit/log/proofs/{sequence:long}", ProveAsync);
        app.MapGet("/v1/audit/log/growth", ProveGrowthAsync);
        app.MapGet("/v1/audit/log/pruned", (Delegate)PrunedAsync);
        app.MapGet("/v1/audit/log/{**path}", FileAsync);
    }

    private async Task<IResult> KeyAsync(HttpContext context)
    {
        await DemandAsync(context);
        return Results.Text($"{log.Verifier}\n", Text);
    }

    private async Task<IResult> CheckpointAsync(HttpContext context)
    {
        await DemandAsync(context);
        return Results.Text((await log.AdvanceAsync(context.RequestAborted)).ToString(), Text);
    }

    private async Task<IResult> ProveAsync(HttpContext context, long sequence)
    {
        await DemandAsync(context);
        var proof = await ProofAsync(sequence, context.RequestAborted) ?? throw Refusals.NotFound($"the audit log has no record {sequence}", "list the newest with 'castellan audit list'");
        return Results.Json(new AuditProof(sequence, proof.Entry, proof.Index, [.. proof.Hashes.Select(h => h.ToString())], proof.Checkpoint.ToString()), GatewayJson.Options);
    }

    private async Task<InclusionProof?> ProofAsync(long sequence, CancellationToken ct)
    {
        try
        {
            return await log.ProveAsync(sequence, ct);
        }
        catch (RecordPrunedException pruned)
        {
            throw Refusals.NotFound(pruned.Message, $"records after {pruned.Through} can be proven");
        }
    }

    private async Task<IResult> PrunedAsync(HttpContext context)
    {
        await DemandAsync(context);
        return Results.Text(await log.PrunedAsync(context.RequestAborted) ?? "", Text);
    }

    private async Task<IResult> ProveGrowthAsync(HttpContext context, long from)
    {
        await DemandAsync(context);
        var proof = await log.ProveGrowthAsync(from, context.RequestAborted)
            ?? throw Refusals.NotFound($"the audit log has less than {from} records: its tail was cut, or the checkpoint is another log's", "compare with a backup of the gateway's store");
        return Results.Json(new AuditGrowth(from, [.. proof.Hashes.Select(h => h.ToString())], proof.Checkpoint.ToString()), GatewayJson.Options);
    }

    private async Task<IResult> FileAsync(HttpContext context, string path)
    {
        await DemandAsync(context);
        return TileAddress.TryParse(path, out var address) && await log.ReadFileAsync(address, context.RequestAborted) is { } file
            ? Results.Bytes(file)
            : throw Refusals.NotFound($"the audit log has no file '{path}'", "read 'checkpoint' and 'tile/LEVEL/INDEX[.p/WIDTH]' within its size");
    }

    private async Task DemandAsync(HttpContext context)
    {
        var user = await EdgeAuthentication.UserAsync(context, tokens);
        await access.DemandAsync(user, "get", "audits", null, null, context.RequestAborted);
    }
}
