using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi.Core;
using Castellan.ServiceDefaults.Cards;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentController.Identity;

/// <summary>What to say about the identity of an agent's pods: decided from what was seen alone.</summary>
/// <param name="Ready">The condition.</param>
/// <param name="Identity">The proven identity; null when none is.</param>
/// <param name="LookAgain">When to look again; null waits for a change of its pods.</param>
internal sealed record IdentityPlan(Verdict Ready, AgentIdentity? Identity, TimeSpan? LookAgain)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(10);

    /// <summary>The pod to ask: the newest that is ready.</summary>
    public static Pod? PodToAsk(IEnumerable<Pod> pods) => pods
        .Where(p => p.Metadata.DeletionTimestamp is null && p.Status is { PodIP.Length: > 0 } status && status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) is true)
        .OrderByDescending(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    public static IdentityPlan WithoutOwnIdentity { get; } = new(
        new Verdict(ConditionStatus.Unknown, "NotObserved", "the controller has no SVID of its own to ask with; give its pod the Workload API socket"), null, null);

    public static IdentityPlan WithoutPod { get; } = new(Verdict.No("NoPodReady", "no pod of the agent is ready, so nothing proves an identity; see the condition Ready"), null, null);

    public static IdentityPlan From(SpiffeId agent, CardReading seen, DateTimeOffset now) => seen switch
    {
        { Proven: { } proven } => new(
            Verdict.Yes("CardVerified", $"pod {seen.Pod} proved {agent} with a card that it signed"),
            new AgentIdentity { SpiffeId = agent.ToString(), TrustDomain = agent.TrustDomain.Name, Pod = seen.Pod, ExpiresAt = WholeSeconds(proven.SignerNotAfter) },
            Within((proven.SignerNotAfter - now) / 2)),
        { Fault: { } fault } => new(Verdict.No(ReasonOf(fault), $"pod {seen.Pod}: {seen.Problem}"), null, Soon),
        _ => new(Verdict.No("CardUnreachable", $"pod {seen.Pod} showed no card as {agent}: {seen.Problem}; see 'castellan identity show' and the pod's log"), null, Soon),
    };

    private static string ReasonOf(AgentCardFault fault) => fault switch
    {
        AgentCardFault.Unsigned => "CardUnsigned",
        AgentCardFault.OtherSigner => "CardOfAnother",
        _ => "CardNotBelieved",
    };

    private static TimeSpan Within(TimeSpan wait) => wait < Soon ? Soon : wait > Latest ? Latest : wait;

    private static DateTime WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()).UtcDateTime;
}
