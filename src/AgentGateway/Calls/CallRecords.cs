using System.Reflection;
using System.Text.Json.Nodes;
using Castellan.Audit;
using Castellan.Digests;
using Castellan.GatewayApi;
using Microsoft.Extensions.AI;

namespace Castellan.AgentGateway.Calls;

/// <summary>The audit records of a call. Pure: a call and its result in, records out.</summary>
internal static class CallRecords
{
    private static readonly string Version = typeof(CallRecords).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    internal static AuditRecord Decided(CallSpec spec) => Base(spec, AuditStage.Decided) with
    {
        Why = Why(spec),
        Model = spec.ModelRegion is { } region ? new AuditModel { RequestModel = spec.ModelName, Region = region } : null,
        Outcome = spec.Decision.Effect == DecisionEffect.Deny ? new AuditOutcome { Status = nameof(CallState.Denied) } : null,
    };

    internal static AuditRecord Intent(CallSpec spec, int attempt) => Base(spec, AuditStage.Intent, attempt) with { Why = Why(spec) with { Reason = null, Obligations = null, IfEnforced = null } };

    internal static AuditRecord Completed(CallSpec spec, CallResult result)
    {
        var answer = result.Content is { } content ? JsonNode.Parse(Storage.Json.Write(content)) : result.Response is { } response ? JsonNode.Parse(Storage.Json.Write(response)) : null;
        var text = answer is null ? null : CanonicalJson.Write(answer);
        var record = Base(spec, AuditStage.Completed, result.Attempt);
        return record with
        {
            What = record.What! with { ResultDigest = text is null ? null : CanonicalJson.DigestOf(text), ResultLength = text?.Length },
            Model = result.Response is { } reply ? ModelOf(spec, reply) : null,
            Outcome = new AuditOutcome
            {
                Status = result.State.ToString(),
                ErrorType = result.Content is { IsError: true } ? "tool_error" : result.Content is { InputRequired: not null } ? "input_required" : null,
                Error = result.State == CallState.Completed ? null : result.Message,
                Findings = result.Findings?.Select(f => new AuditFinding(f.Kind, f.Name, f.Count, f.Action.ToString())).ToList(),
                DurationMs = result.DurationMs is { } ms ? Math.Round(ms, 3) : null,
            },
        };
    }

    /// <summary>Somebody decided on an approval, or tried to.</summary>
    internal static AuditRecord Approval(CallSpec spec, AuditStage stage, string approver, string? statement, string? reason) => Base(spec, stage) with
    {
        Why = Why(spec) with { Obligations = null, IfEnforced = null, Approver = approver, StatementDigest = statement is null ? null : CanonicalJson.DigestOf(statement), Reason = reason },
    };

    /// <summary>A request about a call that is refused as such, for example other arguments under the same identity.</summary>
    internal static AuditRecord Rejected(CallSpec spec, string reason) => Base(spec, AuditStage.Rejected) with { Why = new AuditWhy { Reason = reason } };

    private static AuditRecord Base(CallSpec spec, AuditStage stage, int? attempt = null) => new()
    {
        Stage = stage,
        Kind = spec.Kind == CallKind.Tool ? AuditKind.Tool : AuditKind.Model,
        CallId = spec.CallId,
        Who = new AuditWho
        {
            Principal = spec.Principal.Name,
            Groups = spec.Principal.Groups.Count > 0 ? spec.Principal.Groups : null,
            OnBehalfOf = spec.OnBehalfOf,
            Agent = spec.Principal.Agent,
            AgentNamespace = spec.Principal.Namespace,
            AgentRevision = spec.Run?.Revision,
            SourceIp = spec.SourceIp,
        },
        What = new AuditWhat
        {
            Namespace = spec.Namespace,
            Server = spec.Tool?.Server,
            Name = spec.Tool?.Name ?? spec.ModelName,
            Method = spec.Kind == CallKind.Tool ? spec.Tool?.Method ?? "tools/call" : "chat",
            ToolDigest = spec.Tool?.Digest,
            Effect = spec.Tool?.Effect.ToString(),
            ArgumentsDigest = spec.ArgumentsDigest,
            ArgumentsPreview = Redaction.Redact(spec.Tool?.Arguments),
        },
        Where = new AuditWhere
        {
            RunId = spec.Run?.RunId,
            SessionId = spec.Run?.SessionId,
            Step = spec.Run?.Sequence,
            Attempt = attempt is > 0 ? attempt : null,
            Component = "gateway",
            ComponentVersion = Version,
        },
    };

    private static AuditWhy Why(CallSpec spec) => new()
    {
        Decision = spec.Decision.Effect.ToString(),
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        PolicyRevision = spec.Decision.Revision,
        Reason = spec.Decision.Reason,
        Obligations = spec.Decision.Obligations?.Lines,
        IfEnforced = spec.Decision.IfEnforced is { } other
            ? new AuditVerdict { Decision = other.Effect.ToString(), Rule = other.Rule, Policy = other.Policy, Reason = other.Reason }
            : null,
    };

    private static AuditModel ModelOf(CallSpec spec, ChatResponse reply) => new()
    {
        RequestModel = spec.ModelName,
        Region = spec.ModelRegion,
        ResponseModel = reply.ModelId,
        InputTokens = reply.Usage?.InputTokenCount,
        OutputTokens = reply.Usage?.OutputTokenCount,
        FinishReason = reply.FinishReason?.Value,
    };
}
