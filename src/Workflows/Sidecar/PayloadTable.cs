using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Castellan.Storage;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>
/// Payloads too large for a row: each text stands once for a hub, however many events, activities and instances of it carry the text, and goes when
/// the last instance that uses it is purged. What rows hold instead is a reference; memory and wire know only the text.
/// </summary>
/// <param name="hub">Whose payloads; a reference never reaches into another hub.</param>
/// <param name="threshold">Longest text, in characters, that stays in its row.</param>
internal sealed class PayloadTable(string hub, int threshold)
{
    // No JSON text begins with it. A text from a client that does is stored as if it were large, so that nobody can forge a reference.
    private const char Mark = '\u0001';

    /// <summary>Whether the text stays in its row.</summary>
    public bool IsInline(string? text) => text is null || (text.Length <= threshold && !IsReference(text));

    /// <summary>The text if it stays in its row.</summary>
    public string? Inline(string? text) => IsInline(text) ? text : null;

    /// <summary>What to put into a row of the instance for this text.</summary>
    public string? Store(IUnitOfWork unit, long instance, string? text) => IsInline(text) ? text : Put(unit, instance, text!);

    /// <summary>The event as it goes into a row of the instance.</summary>
    public HistoryEvent Store(IUnitOfWork unit, long instance, HistoryEvent one)
    {
        var text = EventPayload.Of(one);
        var stored = Store(unit, instance, text);
        if (ReferenceEquals(text, stored))
        {
            return one;
        }

        var small = one.Clone();
        EventPayload.Set(small, stored);
        return small;
    }

    /// <summary>The activity as it goes into a row of the instance.</summary>
    public ActivityRequest Store(IUnitOfWork unit, long instance, ActivityRequest request)
    {
        var stored = Store(unit, instance, request.Input);
        return ReferenceEquals(request.Input, stored) ? request : new(request) { Input = stored };
    }

    /// <summary>The text that a row means.</summary>
    /// <exception cref="StoreCorruptedException">The row refers to a payload that is not there.</exception>
    public string? Load(IReadView view, string? text)
    {
        if (text is null || !IsReference(text))
        {
            return text;
        }

        return long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            && view.First("select data from workflow_payload where key = $1 and hub = $2", row => row.GetString(0), key, hub) is { } data
                ? data
                : throw new StoreCorruptedException($"payload '{text[1..]}' of hub '{hub}' is missing from the store; put back a backup");
    }

    /// <summary>Puts the texts into events that were just read.</summary>
    public void Load(IReadView view, IEnumerable<HistoryEvent> events)
    {
        foreach (var one in events)
        {
            if (EventPayload.Of(one) is { } text && IsReference(text))
            {
                EventPayload.Set(one, Load(view, text));
            }
        }
    }

    /// <summary>The instance uses none of its payloads any more.</summary>
    public static void Release(IUnitOfWork unit, long instance)
    {
        var used = unit.Query("select payload from workflow_payload_use where instance = $1", row => row.GetInt64(0), instance);
        if (used.Count == 0)
        {
            return;
        }

        unit.Post("delete from workflow_payload_use where instance = $1", instance);
        foreach (var key in used)
        {
            unit.Post("update workflow_payload set uses = uses - 1 where key = $1", key);
            unit.Post("delete from workflow_payload where key = $1 and uses <= 0", key);
        }
    }

    private static bool IsReference(string text) => text.Length > 0 && text[0] == Mark;

    private string Put(IUnitOfWork unit, long instance, string text)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        // The count stands in the payload's own row, so that a release and a new use of it meet at that row's lock.
        var key = unit.First("insert into workflow_payload(hub, digest, uses, data) values($1, $2, 0, $3) on conflict(hub, digest) do update set hub = excluded.hub returning key",
            row => row.GetInt64(0), hub, digest, text);
        if (unit.Execute("insert into workflow_payload_use(instance, payload) values($1, $2) on conflict do nothing", instance, key) > 0)
        {
            unit.Post("update workflow_payload set uses = uses + 1 where key = $1", key);
        }

        return Mark + key.ToString(CultureInfo.InvariantCulture);
    }
}
