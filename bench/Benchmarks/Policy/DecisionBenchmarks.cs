using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Policy;

namespace Castellan.Benchmarks.Policy;

/// <summary>One decision: a policy of ten rules covers the call, among many that do not.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private PolicySet set = PolicySet.Empty;
    private CallContext call = null!;

    [Params(1, 10, 100, 1_000, 10_000)]
    public int Policies { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        set = PolicySet.Compile(Enumerable.Range(0, Policies).Select(Policy));
        call = new CallContext
        {
            Kind = CallKind.Tool,
            Namespace = "default",
            Principal = new CallPrincipal { SpiffeId = "spiffe://castellan.local/ns/default/sa/agent-0" },
            OnBehalfOf = new CallPrincipal { User = "you", Groups = ["castellan:operators"] },
            Agent = new CallAgent("default", "agent-0"),
            Server = "cluster",
            Tool = "restart",
            Effect = ToolEffect.Write,
            Arguments = JsonDocument.Parse("""{"namespace":"shop","replicas":3,"name":"checkout"}""").RootElement,
            Time = DateTimeOffset.UnixEpoch,
        };
        if (set.Decide(call).Effect != DecisionEffect.Allow) throw new InvalidOperationException(set.Decide(call).Reason);
    }

    [Benchmark]
    public DecisionEffect Decide() => set.Decide(call).Effect;

    [Benchmark]
    public bool MayAllow() => set.MayAllow(call);

    private static AgentPolicy Policy(int number) => new()
    {
        Metadata = new() { Namespace = "default", Name = $"policy-{number}" },
        Spec = new AgentPolicySpec
        {
            Subjects = new PolicySubjects { Agents = [$"agent-{number}"] },
            Rules =
            [
                Rule("models", PolicyEffect.Allow, "call.kind == 'Model'"),
                Rule("look", PolicyEffect.Allow, "call.effect == 'Read'"),
                Rule("restart", PolicyEffect.Allow, "call.tool == 'restart' && call.args.namespace == 'shop'"),
                Rule("scale", PolicyEffect.Allow, "call.tool == 'scale' && call.args.replicas <= 5"),
                Rule("system", PolicyEffect.Deny, "call.args.?namespace.orValue('').startsWith('kube-')"),
                Rule("patch", PolicyEffect.Allow, "call.tool in ['patch', 'set_env', 'set_image'] && 'castellan:operators' in onBehalfOf.groups"),
                Rule("destructive", PolicyEffect.Deny, "call.effect == 'Destructive'"),
                Rule("trusted", PolicyEffect.Allow, "agent.labels.?tier.orValue('') == 'trusted'"),
                Rule("foreign", PolicyEffect.Deny, "!principal.spiffeId.startsWith('spiffe://castellan.local/')"),
                Rule("many", PolicyEffect.Deny, "has(call.args.replicas) && call.args.replicas > 100"),
            ],
        },
    };

    private static PolicyRule Rule(string name, PolicyEffect effect, string when) => new() { Name = name, Effect = effect, When = when };
}
