using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>What was declared in an AgentPolicy or a ClusterAgentPolicy: the two differ in where they hold, and in nothing else.</summary>
/// <param name="Key"><c>namespace/name</c> of an AgentPolicy, the name of a ClusterAgentPolicy. A name holds no slash, so the two never meet.</param>
/// <param name="Namespaces">Where it holds; empty is everywhere.</param>
/// <param name="Subjects">Whose calls it is about.</param>
/// <param name="IsAudit">Whether it is only written down what it would decide.</param>
/// <param name="Rules">Its rules.</param>
internal sealed record PolicyDeclaration(string Key, IReadOnlyList<string> Namespaces, PolicySubjects Subjects, bool IsAudit, IList<PolicyRule> Rules)
{
    public static PolicyDeclaration Of(AgentPolicy policy) => new(
        $"{policy.Metadata.Namespace}/{policy.Metadata.Name}", [policy.Metadata.Namespace ?? ""], policy.Spec.Subjects, policy.Spec.Enforcement == PolicyEnforcement.Audit, policy.Spec.Rules);

    public static PolicyDeclaration Of(ClusterAgentPolicy policy) => new(
        policy.Metadata.Name ?? "", [.. policy.Spec.Namespaces ?? []], policy.Spec.Subjects, policy.Spec.Enforcement == PolicyEnforcement.Audit, policy.Spec.Rules);
}
