namespace Castellan.LocalCluster.Store;

/// <summary>All objects of one resource, sorted by namespace and name as lists answer them.</summary>
internal sealed class ResourceTable
{
    private readonly List<StoredObject> rows = [];

    public int Count => rows.Count;

    /// <summary>The revision of the latest write to any of them.</summary>
    public long LastChange { get; set; }

    public StoredObject? Find(string ns, string name) => Search(ns, name) is var i and >= 0 ? rows[i] : null;

    public void Put(StoredObject obj)
    {
        var i = Search(obj.Key.Namespace, obj.Key.Name);
        if (i >= 0) rows[i] = obj;
        else rows.Insert(~i, obj);
    }

    public void Remove(string ns, string name)
    {
        var i = Search(ns, name);
        if (i >= 0) rows.RemoveAt(i);
    }

    /// <summary>The objects of a namespace (of all when null) behind a name, in order.</summary>
    public StoredObject[] Slice(string? ns, (string Namespace, string Name)? after)
    {
        var from = ns is null ? 0 : Bound(Search(ns, ""));
        var to = ns is null ? rows.Count : Bound(Search(ns + "\0", ""));
        if (after is { } last)
        {
            var i = Search(last.Namespace, last.Name);
            from = Math.Max(from, i >= 0 ? i + 1 : ~i);
        }
        return from < to ? rows[from..to].ToArray() : [];

        static int Bound(int i) => i >= 0 ? i : ~i;
    }

    private int Search(string ns, string name)
    {
        var (low, high) = (0, rows.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var key = rows[middle].Key;
            var order = string.CompareOrdinal(key.Namespace, ns);
            if (order == 0) order = string.CompareOrdinal(key.Name, name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }
}
