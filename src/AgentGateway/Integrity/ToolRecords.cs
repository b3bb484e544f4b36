using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Integrity;

/// <summary>The audit records of definitions of tools. Pure.</summary>
internal static class ToolRecords
{
    /// <summary>Tools that had no pin before, in one record.</summary>
    internal static AuditRecord FirstSight(NamespacedName server, IReadOnlyList<ToolVerdict> pinned) => Base(AuditStage.Completed, server, null, null) with
    {
        What = new AuditWhat
        {
            Namespace = server.Namespace, Server = server.Name, Method = "tools/list",
            ArgumentsPreview = new JsonObject(pinned.Select(verdict => KeyValuePair.Create<string, JsonNode?>(verdict.Tool, verdict.Listed!.Tool.Digest))),
        },
        Why = new AuditWhy { Reason = $"{pinned.Count} tools pinned for the first time, by {pinned[0].PinBy}" },
        Outcome = new AuditOutcome { Status = nameof(ToolState.Pinned) },
    };

    /// <summary>A definition that was pinned in place of another, because the spec names it or because changes are followed.</summary>
    internal static AuditRecord Pinned(NamespacedName server, ToolVerdict verdict, string before) => Base(AuditStage.Completed, server, verdict.Tool, verdict.Listed!.Tool.Digest) with
    {
        Why = new AuditWhy { Reason = $"pinned by {verdict.PinBy} in place of {before}" },
        Outcome = new AuditOutcome { Status = nameof(ToolState.Pinned) },
    };

    /// <summary>A tool whose definition is not the pinned one: from now on it is blocked.</summary>
    internal static AuditRecord Deviated(NamespacedName server, ToolVerdict verdict) => Base(AuditStage.Decided, server, verdict.Tool, verdict.Listed?.Tool.Digest) with
    {
        Why = new AuditWhy { Decision = "Deny", Reason = verdict.PinnedDigest is { } pinned ? $"{verdict.Reason} (pinned: {pinned})" : verdict.Reason },
        Outcome = new AuditOutcome { Status = verdict.State.ToString() },
    };

    /// <summary>The server lists the pinned definition again, or a tool that was never pinned is gone.</summary>
    internal static AuditRecord Ended(ToolDeviation deviation) => Base(AuditStage.Completed, deviation.Server, deviation.Tool, deviation.Digest.Length > 0 ? deviation.Digest : null) with
    {
        Why = new AuditWhy { Reason = $"no longer {deviation.State}, without an approval" },
        Outcome = new AuditOutcome { Status = "Ended" },
    };

    internal static AuditRecord Approved(Principal user, ToolDeviation deviation, string? before) => Base(AuditStage.Approved, deviation.Server, deviation.Tool, deviation.Digest.Length > 0 ? deviation.Digest : null) with
    {
        Who = new AuditWho { Principal = user.Name, Groups = user.Groups },
        Why = new AuditWhy { Approver = user.Name, Reason = $"{deviation.State}{(before is null ? "" : $"; pinned before: {before}")}" },
        Outcome = new AuditOutcome { Status = deviation.State == ToolState.Gone ? "Forgotten" : nameof(ToolState.Pinned) },
    };

    /// <summary>An approval that was not accepted.</summary>
    internal static AuditRecord Rejected(Principal user, NamespacedName server, string? tool, string? digest, string reason) => Base(AuditStage.Rejected, server, tool, digest) with
    {
        Who = new AuditWho { Principal = user.Name, Groups = user.Groups },
        Why = new AuditWhy { Approver = user.Name, Reason = reason },
    };

    private static AuditRecord Base(AuditStage stage, NamespacedName server, string? tool, string? digest) => new()
    {
        Stage = stage,
        Kind = AuditKind.ToolDefinition,
        What = new AuditWhat { Namespace = server.Namespace, Server = server.Name, Name = tool, Method = "tools/list", ToolDigest = digest },
        Where = new AuditWhere { Component = "gateway" },
    };
}
