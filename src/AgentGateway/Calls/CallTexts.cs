using Castellan.GatewayApi;
using ApprovalKind = Castellan.Policy.ApprovalKind;

namespace Castellan.AgentGateway.Calls;

/// <summary>What people and models read about a call: the problem, then what to do.</summary>
internal static class CallTexts
{
    internal static string HowToApprove(CallSpec spec)
    {
        var demands = spec.Decision.Demands;
        var isConfirmed = demands.Any(d => d.Kind == ApprovalKind.Confirmation) ? $"{spec.OnBehalfOf} runs 'castellan confirm {spec.CallId}'" : null;
        var isApproved = demands.Where(d => d.Kind == ApprovalKind.Approval).Select(d => d.Quorum).DefaultIfEmpty().Max() switch
        {
            0 => null,
            1 => $"an approver other than {spec.OnBehalfOf} runs 'castellan approve {spec.CallId}'",
            var quorum => $"{quorum} approvers other than {spec.OnBehalfOf} run 'castellan approve {spec.CallId}'",
        };
        return $"{Name(spec)} waits for {(isApproved is null ? "a confirmation" : isConfirmed is null ? "an approval" : "a confirmation and an approval")} (rule {spec.Decision.Rule ?? "of the agent"}); "
            + string.Join(", and ", new[] { isConfirmed, isApproved }.OfType<string>())
            + (spec.Decision.ExpiresAt is { } until ? $" before {until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "");
    }

    internal static string Denied(CallSpec spec) => $"{Name(spec)} is denied: {spec.Decision.Reason}";

    internal static string Refused(CallSpec spec, string approver) => $"{Name(spec)} was refused by {approver}; do not try it again, ask the user what to do instead";

    internal static string Expired(CallSpec spec) => $"nobody decided on {Name(spec)} in time; ask again if it is still needed";

    internal static string Withheld(CallSpec spec, IReadOnlyList<ResultFinding> findings) =>
        $"{Name(spec)} ran, but its result is withheld (rule {spec.Decision.Rule}): found in it were {string.Join(", ", findings.Where(f => f.Action == AgentApi.V1Alpha1.FindingAction.Deny).Select(f => $"{f.Count} {f.Name}"))}; what it did has happened, so do not call it again to see more";

    internal static string OutcomeUnknown(CallSpec spec) =>
        $"{Name(spec)} was cut off after it was sent, so whether it took effect is unknown; it is not repeated: read the state of the system before you decide what to do";

    // A model's problem names its own remedy; a tool's is what the connection said.
    internal static string BrokenOff(CallSpec spec, int attempts, string? problem) =>
        $"{Name(spec)} failed {attempts} times: {problem}" + (spec.Kind == CallKind.Model ? "" : "; see the log of its pod");

    internal static string Name(CallSpec spec) => spec.Kind == CallKind.Model ? $"the call of model {spec.ModelName}" : $"{spec.Tool!.Server}__{spec.Tool.Name}";

    /// <summary>The answer while a call waits for an approval.</summary>
    internal static CallResult Waiting(CallSpec spec) => new()
    {
        CallId = spec.CallId,
        State = CallState.AwaitingApproval,
        Message = HowToApprove(spec),
        Effect = spec.Tool?.Effect,
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
    };

    /// <summary>The end of a call that did what it was for.</summary>
    internal static CallResult Completed(CallSpec spec, ToolContent? content = null, Microsoft.Extensions.AI.ChatResponse? response = null, int attempt = 0) => new()
    {
        CallId = spec.CallId,
        State = CallState.Completed,
        Content = content,
        Response = response,
        Effect = spec.Tool?.Effect,
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        Attempt = attempt,
    };

    /// <summary>The end of a call that never reached its effect.</summary>
    internal static CallResult Ended(CallSpec spec, CallState state, string message, int attempt = 0) => new()
    {
        CallId = spec.CallId,
        State = state,
        Message = message,
        Effect = spec.Tool?.Effect,
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        Attempt = attempt,
    };
}
