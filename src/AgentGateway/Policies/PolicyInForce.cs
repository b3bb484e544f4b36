using System.Globalization;
using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Metering;
using Castellan.KubeApi;
using Castellan.Policy;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Policies;

/// <summary>
/// The policies that decide now. Until they were read once, everything is denied. A policy that does not compile keeps its last good
/// version in force; the fault is logged and part of the gateway's health.
/// </summary>
internal sealed class PolicyInForce(ClusterCatalog cluster, CallFacts facts, TimeProvider clock, ILogger<PolicyInForce> log) : IDisposable
{
    private const int ExpirySeconds = 3600;

    // Where an Agent's own spec asks for an approval, no rule names approvers: then it is the cluster's.
    private static readonly Castellan.Policy.ApprovalDemand AskedByAgent = new() { Kind = ApprovalKind.Approval, Groups = ["castellan:approvers"] };

    private readonly Lock _gate = new();
    private volatile PolicySet _set = PolicySet.Empty;
    private readonly List<IDisposable> _subscriptions = [];

    /// <summary>Fires after other policies came into force.</summary>
    internal event Action<PolicySet>? Changed;

    /// <summary>Digest of the policies in force.</summary>
    internal string Revision => _set.Revision;

    /// <summary>What is wrong with the policies as they are declared; empty when nothing is.</summary>
    internal IReadOnlyList<PolicyFault> Faults => _set.Faults;

    /// <summary>Takes up the policies there are, and from then on each change. Call it when the catalog has synced.</summary>
    internal void Start()
    {
        _subscriptions.Add(cluster.Policies.Subscribe(_ => Compile()));
        _subscriptions.Add(cluster.ClusterPolicies.Subscribe(_ => Compile()));
        Compile();
    }

    /// <summary>Decides on a call, after finding out what the rules want to know about its session and its budgets.</summary>
    internal async ValueTask<CallDecision> DecideAsync(PolicyQuestion question, CancellationToken ct)
    {
        var policies = _set;
        return Decide(policies, await facts.CompleteAsync(policies, ContextOf(question), question, ct));
    }

    /// <summary>Decides on a call that belongs to no session.</summary>
    internal CallDecision Decide(PolicyQuestion question) => Decide(_set, question);

    private CallDecision Decide(PolicySet policies, PolicyQuestion question)
    {
        var (now, began) = (clock.GetUtcNow(), CallMetrics.BeginDecision());
        var decision = policies.Decide(ContextOf(question, now));
        CallMetrics.EndDecision(began, question.Kind);
        var asked = question.AgentAsksForApproval && decision.Effect is Castellan.Policy.DecisionEffect.Allow or Castellan.Policy.DecisionEffect.RequireConfirmation;
        IReadOnlyList<Castellan.Policy.ApprovalDemand> demands = asked ? [.. decision.Demands, AskedByAgent] : decision.Demands;
        return new CallDecision
        {
            Effect = asked ? GatewayApi.DecisionEffect.RequireApproval : Enum.Parse<GatewayApi.DecisionEffect>(decision.Effect.ToString()),
            Rule = decision.Rule,
            Policy = decision.Policy,
            Reason = asked ? $"agent {question.Principal.Agent} asks for an approval of tool {question.Tool} in its spec" : decision.Reason,
            Revision = decision.Revision,
            Demands = demands,
            Obligations = decision.Obligations,
            SessionBefore = question.Session?.Before,
            IfEnforced = decision.IfEnforced is { } other ? new CallVerdict(Enum.Parse<GatewayApi.DecisionEffect>(other.Effect.ToString()), other.Rule, other.Policy, other.Reason) : null,
            ExpiresAt = demands.Count > 0 ? now.AddSeconds(decision.ExpiresAfterSeconds ?? ExpirySeconds) : null,
        };
    }

    /// <summary>A call as policy sees it now.</summary>
    internal CallContext ContextOf(PolicyQuestion question) => ContextOf(question, clock.GetUtcNow());

    /// <summary>False if a principal is certain to be denied a tool, whatever the arguments.</summary>
    internal bool MayAllow(Principal principal, CatalogTool tool) => _set.MayAllow(ContextOf(
        new PolicyQuestion
        {
            Kind = GatewayApi.CallKind.Tool,
            Principal = principal,
            OnBehalfOf = principal.Name,
            Namespace = tool.Server.Namespace,
            Server = tool.Server.Name,
            Tool = tool.Name,
            Effect = tool.Effect,
            Annotations = tool.Annotations,
        },
        clock.GetUtcNow()));

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void Compile()
    {
        PolicySet next;
        lock (_gate)
        {
            var before = _set;
            next = PolicySet.Compile(cluster.Policies.Items, cluster.ClusterPolicies.Items, before);
            _set = next;
            if (next.Revision == before.Revision && next.Faults.SequenceEqual(before.Faults))
            {
                return;
            }
        }

        foreach (var fault in next.Faults)
        {
            PolicyLog.Faulty(log, fault.ToString());
        }

        PolicyLog.InForce(log, next.Revision, next.RuleCount);
        Changed?.Invoke(next);
    }

    private CallContext ContextOf(PolicyQuestion question, DateTimeOffset now)
    {
        var who = question.Principal;
        var isAgent = who.Kind == PrincipalKind.Agent;
        return new CallContext
        {
            Kind = question.Kind == GatewayApi.CallKind.Tool ? Castellan.Policy.CallKind.Tool : Castellan.Policy.CallKind.Model,
            Namespace = question.Namespace,
            Principal = isAgent ? new CallPrincipal { SpiffeId = who.Name } : new CallPrincipal { User = who.Name, Groups = who.Groups },
            OnBehalfOf = isAgent ? new CallPrincipal { User = question.OnBehalfOf, Groups = question.OnBehalfOfGroups } : null,
            Agent = isAgent ? AgentOf(who) with { Revision = question.Revision?.ToString(CultureInfo.InvariantCulture) } : null,
            Server = question.Server,
            Tool = question.Tool,
            Effect = question.Effect,
            Annotations = question.Annotations,
            Arguments = question.Arguments is { } arguments ? JsonSerializer.SerializeToElement(arguments) : null,
            Model = question.Model is { } model ? ModelOf(question.Namespace, model) : null,
            Session = question.Session?.Session,
            Budgets = question.Budgets,
            Time = now,
        };
    }

    private CallAgent AgentOf(Principal who)
    {
        var labels = cluster.Agents.Find(new NamespacedName(who.Namespace!, who.Agent!))?.Metadata.Labels;
        var agent = new CallAgent(who.Namespace!, who.Agent!);
        return labels is null ? agent : agent with { Labels = new Dictionary<string, string>(labels) };
    }

    private CallModel ModelOf(string ns, string name) => cluster.Models.Find(new NamespacedName(ns, name)) is { } config
        ? new CallModel(config.Spec.Provider.ToString(), config.Spec.Model, config.Spec.Region ?? "")
        : new CallModel("", name);
}
