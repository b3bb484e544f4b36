using System.Collections.Concurrent;
using System.Threading.Channels;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Worker;

namespace Castellan.Workflows.Sidecar;

/// <summary>Activities that were scheduled and have no durable result: waiting for a worker, or with one.</summary>
internal sealed class ActivityBoard(WithdrawnItems withdrawn)
{
    private readonly ConcurrentDictionary<(string Instance, int Task), OutstandingActivity> _all = new();

    public Channel<OutstandingActivity> Ready { get; } = Channel.CreateUnbounded<OutstandingActivity>();

    public int Count => _all.Count;

    public IEnumerable<OutstandingActivity> All => _all.Values;

    public void Add(string executionId, ActivityRequest request)
    {
        var activity = new OutstandingActivity(executionId, request);
        _all[(request.WorkflowInstance.InstanceId, request.TaskId)] = activity;
        Ready.Writer.TryWrite(activity);
    }

    public OutstandingActivity? Find(string instanceId, int task) => _all.GetValueOrDefault((instanceId, task));

    public void Remove(OutstandingActivity activity)
    {
        _all.TryRemove(new KeyValuePair<(string, int), OutstandingActivity>((activity.InstanceId, activity.Request.TaskId), activity));
        activity.Remove();
    }

    /// <summary>Forgets the activities of an execution that ended or starts over.</summary>
    public void RemoveAll(string instanceId, IEnumerable<HistoryEvent> history)
    {
        foreach (var one in history)
        {
            if (one.TaskScheduled is not null && Find(instanceId, one.EventId) is { } activity)
            {
                Withdraw(activity);
            }
        }
    }

    /// <summary>Nobody wants its result any more.</summary>
    public void Withdraw(OutstandingActivity activity)
    {
        if (activity.Delivered is var (token, slot))
        {
            withdrawn.Add(activity.InstanceId, activity.Request.TaskId, token, slot);
        }

        Remove(activity);
    }

    /// <summary>Gives an activity to the next worker.</summary>
    public bool Return(OutstandingActivity activity, DeliverySlot slot)
    {
        if (!activity.TryReturn(slot))
        {
            return false;
        }

        Ready.Writer.TryWrite(activity);
        return true;
    }
}

/// <summary>One activity call until its result is durable.</summary>
internal sealed class OutstandingActivity(string executionId, ActivityRequest request)
{
    private readonly Lock _lock = new();
    private string? _token;
    private DeliverySlot? _slot;
    private int _deliveries;
    private bool _completing;
    private bool _removed;

    public string InstanceId => Request.WorkflowInstance.InstanceId;

    public string ExecutionId { get; } = executionId;

    public ActivityRequest Request { get; } = request;

    public DeliverySlot? Slot
    {
        get
        {
            lock (_lock)
            {
                return _completing ? null : _slot;
            }
        }
    }

    /// <summary>Token and slot while a worker has it.</summary>
    public (string Token, DeliverySlot Slot)? Delivered
    {
        get
        {
            lock (_lock)
            {
                return !_completing && _token is { } token && _slot is { } slot ? (token, slot) : null;
            }
        }
    }

    /// <summary>Takes it for a worker; null when it is no longer wanted or somebody has it.</summary>
    public ActivityCall? TryTake(DeliverySlot slot, string token)
    {
        lock (_lock)
        {
            if (_removed || _token is not null || _completing)
            {
                return null;
            }

            _token = token;
            _slot = slot;
            return new(Request, token, ++_deliveries);
        }
    }

    /// <summary>Accepts a result: only from the delivery that is current. An empty token comes from workers that do not echo it.</summary>
    public bool TryComplete(string token)
    {
        lock (_lock)
        {
            if (_removed || _token is null || _completing || (token.Length > 0 && token != _token))
            {
                return false;
            }

            _completing = true;
            _slot?.End();
            return true;
        }
    }

    /// <summary>The result was not stored; the same answer may come again.</summary>
    public void CompletionFailed()
    {
        lock (_lock)
        {
            _completing = false;
        }
    }

    public bool TryReturn(DeliverySlot slot)
    {
        lock (_lock)
        {
            if (_removed || _completing || _slot != slot)
            {
                return false;
            }

            _token = null;
            _slot = null;
            slot.End();
            return true;
        }
    }

    public void Remove()
    {
        lock (_lock)
        {
            _removed = true;
        }
    }
}
