namespace Castellan.Workflows.Sidecar;

/// <summary>
/// Items that workers hold although nobody wants their answers any more, because the instance ended, started over or was purged. They count against
/// the credit of their streams until they are answered, for the worker's queue holds them still.
/// </summary>
internal sealed class WithdrawnItems
{
    /// <summary>Stands for the turn of an instance where activities have their step.</summary>
    public const int Turn = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Instance, int Task), List<(string Token, DeliverySlot Slot)>> _items = [];

    public void Add(string instanceId, int task, string token, DeliverySlot slot)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue((instanceId, task), out var list))
            {
                _items.Add((instanceId, task), list = []);
            }

            list.Add((token, slot));
        }
    }

    /// <summary>Takes the item that an answer belongs to; an answer without token belongs to the oldest.</summary>
    public bool TryTake(string instanceId, int task, string token)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue((instanceId, task), out var list) || list.FindIndex(item => token.Length == 0 || item.Token == token) is not (>= 0 and var index))
            {
                return false;
            }

            list[index].Slot.End();
            list.RemoveAt(index);
            if (list.Count == 0)
            {
                _items.Remove((instanceId, task));
            }

            return true;
        }
    }

    /// <summary>Waits no longer for the answers to some items.</summary>
    public void RemoveAll(Predicate<DeliverySlot> isOver)
    {
        lock (_lock)
        {
            foreach (var (key, list) in _items)
            {
                foreach (var (_, slot) in list)
                {
                    if (isOver(slot))
                    {
                        slot.End();
                    }
                }

                if (list.RemoveAll(item => isOver(item.Slot)) > 0 && list.Count == 0)
                {
                    _items.Remove(key);
                }
            }
        }
    }
}
