using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Budgets;

/// <summary>The budgets that hold now. Where none is about a call, that costs a look into an index.</summary>
internal sealed class BudgetsInForce(ClusterCatalog cluster, TimeProvider clock) : IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private readonly Lock _gate = new();
    private volatile BudgetSet _set = BudgetSet.Empty;
    private string _version = "";
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The budgets.</summary>
    internal BudgetSet Set => _set;

    /// <summary>Takes up the budgets there are, and from then on each change. Call it when the catalog has synced.</summary>
    internal void Start()
    {
        _subscriptions.Add(cluster.Budgets.Subscribe(_ => Read()));
        _subscriptions.Add(cluster.ClusterBudgets.Subscribe(_ => Read()));
        Read();
    }

    /// <summary>Completes when what a budget says changes.</summary>
    internal Task NextChangeAsync() => Volatile.Read(ref _changed).Task;

    /// <summary>The call with what budgets are to hold back for it; denied if a budget that is about it cannot be kept.</summary>
    internal CallSpec Charge(CallSpec spec) =>
        CallCharging.Charge(spec, _set, name => cluster.Models.Find(new NamespacedName(spec.Namespace, name))?.Spec, clock.GetUtcNow());

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
    }

    // Our own reports come back as changes, too; they change nothing that is kept.
    private void Read()
    {
        lock (_gate)
        {
            var version = string.Join(' ', cluster.Budgets.Items.Cast<KubeObject>().Concat(cluster.ClusterBudgets.Items).Select(b => $"{b.Metadata.Uid}/{b.Metadata.Generation}").Order(StringComparer.Ordinal));
            if (version == _version)
            {
                return;
            }

            _set = BudgetSet.Of(cluster.Budgets.Items, cluster.ClusterBudgets.Items);
            _version = version;
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
