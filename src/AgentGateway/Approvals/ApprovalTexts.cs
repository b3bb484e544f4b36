using Castellan.Policy;

namespace Castellan.AgentGateway.Approvals;

/// <summary>What is still to be said on a call, for people.</summary>
internal static class ApprovalTexts
{
    internal static string Open(ApprovalTally tally) => string.Join(" and ", tally.Open.Select(open => open.Demand.Kind == ApprovalKind.Confirmation
        ? "the confirmation by the person it is for"
        : $"{(open.Missing == 1 ? "an approval" : $"{open.Missing} approvals")}{(open.Demand.Rule is { } rule ? $" for rule {rule}" : "")}"));
}
