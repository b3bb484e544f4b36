using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Audit;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>Tells of denied calls as Kubernetes Events on the agent that made them, so that <c>kubectl describe agent</c> shows why it does not get on.</summary>
/// <remarks>Equal events are counted, not repeated; beyond a budget for each agent they are left out, as client-go does it. The log has all of them.</remarks>
/// <param name="find">Finds an agent in the cluster; null when it is gone.</param>
/// <param name="record">Writes an event about it: reason, message.</param>
/// <param name="clock">Refills the budgets.</param>
internal sealed class DenialEventSink(Func<NamespacedName, Agent?> find, Action<Agent, string, string> record, TimeProvider clock) : IAuditSink
{
    internal const string Reason = "CallDenied";
    private const int MostAgents = 4096;

    private readonly Dictionary<NamespacedName, EventBudget> _budgets = [];

    public string Name => "denial-events";

    public LogFilter Filter { get; } = new() { Decision = "Deny", Stage = "decided" };

    public bool TakesHistory => false;

    public Task DeliverAsync(IReadOnlyList<StoredRecord> records, CancellationToken ct)
    {
        foreach (var body in records.Select(stored => JsonNode.Parse(stored.Body)!))
        {
            if ((string?)body["who"]?["agent"] is { } name && new NamespacedName((string?)body["who"]!["agentNamespace"] ?? "", name) is var key
                && find(key) is { } agent && BudgetOf(key).TryTake(clock.GetUtcNow()))
            {
                record(agent, Reason, MessageOf(body));
            }
        }

        return Task.CompletedTask;
    }

    // The same for the same denial, so that it is counted; never with arguments.
    private static string MessageOf(JsonNode body)
    {
        var what = body["what"];
        var target = $"{((string?)what?["server"] is { } server ? $"{server}." : "")}{(string?)what?["name"]}";
        var why = body["why"];
        return (string?)why?["policy"] is { } policy ? $"{target} is denied by rule '{(string?)why["rule"]}' of policy {policy}" : $"{target} is denied: no policy allows it";
    }

    private EventBudget BudgetOf(NamespacedName agent)
    {
        if (!_budgets.TryGetValue(agent, out var budget))
        {
            if (_budgets.Count >= MostAgents)
            {
                _budgets.Clear();
            }

            _budgets[agent] = budget = new(clock.GetUtcNow());
        }

        return budget;
    }
}

/// <summary>How many events may still be written about an agent: 25 at once, then one in five minutes.</summary>
/// <remarks>The figures of client-go's spam filter.</remarks>
internal sealed class EventBudget(DateTimeOffset now)
{
    private const double Burst = 25;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private double _left = Burst;
    private DateTimeOffset _at = now;

    internal bool TryTake(DateTimeOffset time)
    {
        _left = Math.Min(Burst, _left + ((time - _at) / Refill));
        _at = time;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
