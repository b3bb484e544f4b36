using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Runs;

/// <summary>Starts runs: pins what the agent is now, and hands that to the agent's worker as the input of its orchestration.</summary>
internal sealed class RunStart(ClusterCatalog cluster, AgentOffers offers, RunLedger ledger, IRunHubs hubs, RunWatch watch)
{
    private const int LongestMessage = 64 * 1024;

    /// <exception cref="GatewayException">404: no such agent or session; 422: the message is empty or too long; 503: its tools are not known yet.</exception>
    internal async Task<StartedRun> StartAsync(Principal user, NamespacedName key, StartRunRequest request, RunTrace? trace, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Message) || request.Message.Length > LongestMessage)
        {
            throw Refusals.Invalid(request.Message is { Length: > 0 } text ? $"the message has {text.Length} characters" : "the message is empty", $"say 1 to {LongestMessage} characters");
        }

        var agent = cluster.Agents.Find(key) ?? throw Refusals.NotFound($"agent {key} does not exist", "list agents with 'castellan get agents -A'");
        var (sessionId, isNew, history) = await ledger.SessionAsync(user.Name, key, request.Session, ct);
        var input = new RunInput
        {
            RunId = CallIds.New(),
            SessionId = sessionId,
            Agent = key.Name,
            Namespace = key.Namespace,
            Revision = agent.Metadata.Generation ?? 0,
            Instructions = agent.Spec.Instructions,
            Model = agent.Spec.Model.Name,
            Tools = await offers.WhenKnownAsync(agent, ct),
            Limits = LimitsOf(agent.Spec.Limits),
            History = history,
            Message = request.Message,
            OnBehalfOf = user.Name,
            Trace = trace,
        };
        var hub = offers.PrincipalOf(key).Name;
        await hubs.StartAsync(hub, input, unit => ledger.Accept(unit, input, hub, user, isNew), ct);
        watch.Follow(input.RunId, hub, input.Limits);
        return new StartedRun(input.RunId, sessionId);
    }

    private static RunLimits LimitsOf(AgentLimits? limits)
    {
        var defaults = new RunLimits();
        return new RunLimits(limits?.MaxTurns ?? defaults.MaxTurns, limits?.TimeoutSeconds ?? defaults.TimeoutSeconds, limits?.MaxParallelCalls ?? defaults.MaxParallelCalls);
    }
}
