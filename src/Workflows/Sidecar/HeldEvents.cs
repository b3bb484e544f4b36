using Castellan.Storage;

namespace Castellan.Workflows.Sidecar;

/// <summary>What happens to events that wait unstored for a turn when that turn does not come about. All under the instance's gate.</summary>
internal static class HeldEvents
{
    /// <summary>The store failed: those who brought the events are told, and bring them again.</summary>
    public static void Fail(Instance instance, Exception error)
    {
        foreach (var entry in instance.Inbox.Where(entry => entry.Held is not null))
        {
            entry.Held!.Failed(error);
        }

        instance.Inbox.RemoveAll(entry => entry.Held is not null);
        if (instance.Row is { Key: 0 })
        {
            instance.Forget(); // its start was never stored
        }
    }

    /// <summary>The writes enlisted with one event failed: its bringer is told.</summary>
    public static void Refuse(Instance instance, InboxEntry entry, Exception error)
    {
        instance.Inbox.Remove(entry);
        entry.Held!.Failed(new EnlistedWriteException(entry, error));
        if (entry.Event.ExecutionStarted is not null)
        {
            Fail(instance, error);
        }
    }

    /// <summary>Stores what is held if no turn is on its way that would.</summary>
    public static async Task SettleAsync(HubCore core, Instance instance)
    {
        if (instance.Turn is null && !instance.Queued)
        {
            await StoreAsync(core, instance).ConfigureAwait(false);
        }
    }

    /// <summary>No worker in this process is left: the events are stored to wait for one.</summary>
    public static async Task StoreAsync(HubCore core, Instance instance)
    {
        if (instance.Turn is not null || !instance.HasHeld)
        {
            return;
        }

        var before = instance.Inbox.ToList();
        try
        {
            var (row, stored) = await core.WriteAsync(instance, unit => Write(core, unit, instance.Row!, before), CancellationToken.None).ConfigureAwait(false);
            instance.Row = row;
            instance.Inbox.Clear();
            instance.Inbox.AddRange(stored);
            before.ForEach(entry => entry.Held?.Committed());
        }
        catch (EnlistedWriteException error) when (error.Entry is { } entry)
        {
            Refuse(instance, entry, error.Cause);
            await StoreAsync(core, instance).ConfigureAwait(false);
        }
        catch (StoreException error)
        {
            Fail(instance, error);
        }
    }

    private static (InstanceRow Row, List<InboxEntry> Stored) Write(HubCore core, IUnitOfWork unit, InstanceRow row, List<InboxEntry> entries)
    {
        var stored = new List<InboxEntry>(entries.Count);
        foreach (var entry in entries)
        {
            if (entry.Held is null)
            {
                stored.Add(entry);
                continue;
            }

            entry.Held.Writes?.Invoke(unit);
            EnlistedWriteException.Guard(entry, entry.Held.Enlisted, unit);
            if (row.Key == 0)
            {
                row = core.Rows.Insert(unit, row);
            }

            stored.Add(new(entry.Event, core.Rows.AppendInbox(unit, row.Key, entry.Event), null));
        }

        return (row, stored);
    }
}
