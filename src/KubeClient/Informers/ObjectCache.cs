using Castellan.KubeApi;

namespace Castellan.KubeClient.Informers;

/// <summary>Objects by key, with indexes. The caller holds the lock.</summary>
internal sealed class ObjectCache<T> where T : KubeObject
{
    private readonly Dictionary<NamespacedName, T> _items = [];
    private readonly Dictionary<string, (Func<T, IEnumerable<string>> Of, Dictionary<string, HashSet<NamespacedName>> Keys)> _indexes = [];

    public IReadOnlyDictionary<NamespacedName, T> Items => _items;

    public void AddIndex(string name, Func<T, IEnumerable<string>> of)
    {
        var index = (of, Keys: new Dictionary<string, HashSet<NamespacedName>>());
        _indexes[name] = index;
        foreach (var item in _items.Values) Enter(index, item);
    }

    public T? Put(T item)
    {
        var old = Remove(item.Key);
        _items[item.Key] = item;
        foreach (var index in _indexes.Values) Enter(index, item);
        return old;
    }

    public T? Remove(NamespacedName key)
    {
        if (!_items.Remove(key, out var old)) return null;
        foreach (var (of, keys) in _indexes.Values)
        {
            foreach (var value in of(old))
            {
                if (keys.TryGetValue(value, out var set) && set.Remove(key) && set.Count == 0) keys.Remove(value);
            }
        }
        return old;
    }

    public IReadOnlyList<T> ByIndex(string name, string value)
    {
        if (!_indexes.TryGetValue(name, out var index))
            throw new ArgumentException($"there is no index '{name}'; add it before the informer runs");
        return index.Keys.TryGetValue(value, out var keys) ? [.. keys.Select(k => _items[k])] : [];
    }

    private static void Enter((Func<T, IEnumerable<string>> Of, Dictionary<string, HashSet<NamespacedName>> Keys) index, T item)
    {
        foreach (var value in index.Of(item))
        {
            if (!index.Keys.TryGetValue(value, out var keys)) index.Keys[value] = keys = [];
            keys.Add(item.Key);
        }
    }
}
