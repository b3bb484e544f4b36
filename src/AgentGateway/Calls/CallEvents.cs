using Castellan.Audit;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Calls;

/// <summary>The run events of a call. Pure.</summary>
internal static class CallEvents
{
    internal static RunEvent Decided(CallSpec spec) => Base(spec, spec.Kind == CallKind.Model ? RunEventType.TurnStarted : RunEventType.CallDecided) with
    {
        Arguments = Redaction.Redact(spec.Tool?.Arguments),
        Decision = spec.Decision.Effect,
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        Summary = spec.Decision.Reason,
    };

    internal static RunEvent ApprovalRequested(CallSpec spec) => Base(spec, RunEventType.ApprovalRequested) with
    {
        Arguments = Redaction.Redact(spec.Tool?.Arguments),
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        Summary = CallTexts.HowToApprove(spec),
        Needs = [.. spec.Decision.Demands.Select(demand => demand.Kind.ToString()).Distinct()],
    };

    internal static RunEvent Approved(CallSpec spec, string by, string? open) => Base(spec, RunEventType.CallApproved) with
    {
        Summary = $"{(by == spec.OnBehalfOf ? "confirmed" : "approved")} by {by}{(open is null ? "" : $"; {open}")}",
    };

    internal static RunEvent Refused(CallSpec spec, string how) => Base(spec, RunEventType.CallRefused) with { Summary = how };

    internal static RunEvent Completed(CallSpec spec, CallResult result)
    {
        var failed = result.State != CallState.Completed;
        return Base(spec, spec.Kind == CallKind.Model ? RunEventType.ModelCompleted : RunEventType.CallCompleted) with
        {
            State = result.State.ToString(),
            Attempt = result.Attempt > 0 ? result.Attempt : null,
            DurationMs = result.DurationMs,
            Summary = failed ? result.Message : result.Content is { } content ? FirstLine(content.Text) : null,
            Text = result.Response?.Text is { Length: > 0 } text ? text : null,
            Findings = result.Findings?.Select(f => f.ToString()).ToList(),
            Error = failed ? result.Message : result.Content is { IsError: true } error ? FirstLine(error.Text) : null,
        };
    }

    private static RunEvent Base(CallSpec spec, RunEventType type) => new()
    {
        Type = type,
        CallId = spec.CallId,
        Kind = spec.Kind,
        Server = spec.Tool?.Server,
        Tool = spec.Tool?.Name,
        Effect = spec.Tool?.Effect,
    };

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().TrimStart();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= 160 ? line.ToString() : $"{line[..159]}…";
    }
}
