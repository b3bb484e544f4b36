using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy.Tests;

/// <summary>Policies and calls for the tests.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static AgentPolicy Policy(string name, params PolicyRule[] rules) => new()
    {
        Metadata = new() { Namespace = "default", Name = name },
        Spec = new AgentPolicySpec { Subjects = new PolicySubjects { Agents = ["triage"] }, Rules = rules },
    };

    public static AgentPolicy About(this AgentPolicy policy, PolicySubjects subjects)
    {
        policy.Spec.Subjects = subjects;
        return policy;
    }

    public static PolicyRule Allow(string? when = null, string name = "allow") => new() { Name = name, Effect = PolicyEffect.Allow, When = when };

    public static PolicyRule Deny(string? when = null, string name = "deny") => new() { Name = name, Effect = PolicyEffect.Deny, When = when };

    public static PolicyRule Approval(string? when = null, string name = "approval", int? expires = null, params string[] groups) => new()
    {
        Name = name,
        Effect = PolicyEffect.RequireApproval,
        When = when,
        ExpiresAfterSeconds = expires,
        Approvers = new ApproverSet { Groups = groups.Length == 0 ? ["castellan:approvers"] : groups },
    };

    public static PolicySet Set(params AgentPolicy[] policies) => PolicySet.Compile(policies);

    public static PolicySet Rules(params PolicyRule[] rules) => Set(Policy("p", rules));

    /// <summary>A tool call of agent default/triage for user you.</summary>
    public static CallContext Call(string tool = "restart", string? arguments = """{"namespace":"shop","replicas":3}""") => new()
    {
        Kind = CallKind.Tool,
        Namespace = "default",
        Principal = new CallPrincipal { SpiffeId = "spiffe://castellan.local/ns/default/sa/agent-triage" },
        OnBehalfOf = new CallPrincipal { User = "you", Groups = ["castellan:viewers", "castellan:operators"] },
        Agent = new CallAgent("default", "triage") { Labels = new Dictionary<string, string> { ["tier"] = "trusted" }, Revision = "r1" },
        Server = "cluster",
        Tool = tool,
        Effect = ToolEffect.Write,
        Arguments = arguments is null ? null : Json(arguments),
        Time = Noon,
    };

    /// <summary>A tool call that user you makes directly.</summary>
    public static CallContext DirectCall() => Call() with
    {
        Principal = new CallPrincipal { User = "you", Groups = ["castellan:viewers"] },
        OnBehalfOf = null,
        Agent = null,
    };

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
