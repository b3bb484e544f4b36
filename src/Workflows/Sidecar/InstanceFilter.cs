using Castellan.Storage;

namespace Castellan.Workflows.Sidecar;

/// <summary>A choice of instances as one statement with constant text.</summary>
internal sealed record InstanceFilter
{
    private const int StatusSlots = 9;
    private const string Conditions = "hub = $1 and ($2 = 0 or status in ($3, $4, $5, $6, $7, $8, $9, $10, $11)) and created >= $12 and created <= $13 "
        + "and ($14 = '' or name = $14) and ($15 = '' or substr(id, 1, length($15)) = $15)";

    private const string Oldest = $"select {HubStore.Columns} from workflow_instance where {Conditions} and key > $16 order by key limit $17";
    private const string Newest = $"select {HubStore.Columns} from workflow_instance where {Conditions} and key < $16 order by key desc limit $17";

    public IReadOnlyCollection<WorkflowRuntimeStatus> Statuses { get; init; } = [];

    public string? Name { get; init; }

    public string? IdPrefix { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public List<InstanceRow> OldestFirst(IReadView view, string hub, long after, int limit) => Run(view, Oldest, hub, after, limit);

    public List<InstanceRow> NewestFirst(IReadView view, string hub, long before, int limit) => Run(view, Newest, hub, before, limit);

    private List<InstanceRow> Run(IReadView view, string sql, string hub, long edge, int limit)
    {
        var values = new SqlValue[17];
        values[0] = hub;
        values[1] = Statuses.Count;
        for (var i = 0; i < StatusSlots; i++)
        {
            values[2 + i] = i < Statuses.Count ? (int)Statuses.ElementAt(i) : -1;
        }

        values[11] = From ?? DateTimeOffset.MinValue;
        values[12] = To ?? DateTimeOffset.MaxValue;
        values[13] = Name ?? "";
        values[14] = IdPrefix ?? "";
        values[15] = edge;
        values[16] = limit;
        return view.Query(sql, HubStore.Row, values);
    }
}
