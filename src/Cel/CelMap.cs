using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Castellan.Cel;

/// <summary>An immutable map. Keys are bool, int, uint or string; numbers that are equal are the same key whatever their type.</summary>
public sealed class CelMap : IEnumerable<KeyValuePair<CelValue, CelValue>>
{
    // A handful of keys is found faster by looking at each than by hashing.
    private const int ScanLimit = 6;

    private readonly CelValue[] keys;
    private readonly CelValue[] values;
    private readonly Dictionary<CelValue, int>? index;
    private long weight = -1;

    private CelMap(CelValue[] keys, CelValue[] values, Dictionary<CelValue, int>? index)
    {
        this.keys = keys;
        this.values = values;
        this.index = index;
    }

    /// <summary>The map without entries.</summary>
    public static CelMap Empty { get; } = new([], [], null);

    /// <summary>Number of entries.</summary>
    public int Count => keys.Length;

    /// <summary>The keys, in the order in which they were added.</summary>
    public IReadOnlyList<CelValue> Keys => keys;

    /// <summary>The values, in the order of <see cref="Keys"/>.</summary>
    public IReadOnlyList<CelValue> Values => values;

    internal ReadOnlySpan<CelValue> KeySpan => keys;

    internal ReadOnlySpan<CelValue> ValueSpan => values;

    /// <summary>What touching all of it is charged.</summary>
    internal long Weight => weight >= 0 ? weight : weight = Evaluation.Cost.Sum(Evaluation.Extent.SumOf(keys), Evaluation.Extent.SumOf(values));

    /// <summary>Makes a map.</summary>
    /// <exception cref="ArgumentException">A key is of another type than bool, int, uint or string, or comes twice.</exception>
    public static CelMap Create(IEnumerable<KeyValuePair<CelValue, CelValue>> entries)
    {
        var list = entries.ToList();
        var problem = TryCreate([.. list.Select(e => e.Key)], [.. list.Select(e => e.Value)], out var map);
        return problem is null ? map! : throw new ArgumentException(problem, nameof(entries));
    }

    /// <summary>Takes the arrays over.</summary>
    /// <returns>The problem, or <see langword="null"/> when <paramref name="map"/> was made.</returns>
    internal static string? TryCreate(CelValue[] keys, CelValue[] values, out CelMap? map)
    {
        map = null;
        var index = keys.Length > ScanLimit ? new Dictionary<CelValue, int>(keys.Length) : null;
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var key = ref keys[i];
            if (key.Kind is not (CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String))
            {
                return $"a map key cannot be of type {key.TypeName}";
            }
            var fresh = index is null ? IndexOf(keys.AsSpan(0, i), key) < 0 : index.TryAdd(key, i);
            if (!fresh) return $"the map key {key} is repeated";
        }
        map = new CelMap(keys, values, index);
        return null;
    }

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(in CelValue key, [MaybeNullWhen(false)] out CelValue value)
    {
        var at = index is null ? IndexOf(keys, key) : index.TryGetValue(key, out var found) ? found : -1;
        value = at < 0 ? default : values[at];
        return at >= 0;
    }

    /// <summary>Finds the value of a key that is a text; the common case of field paths, so it compares nothing but texts.</summary>
    internal bool TryGetField(string name, in CelValue key, out CelValue value)
    {
        if (index is not null) return TryGetValue(key, out value);
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var candidate = ref keys[i];
            if (candidate.Kind != CelKind.String || candidate.Text != name) continue;
            value = values[i];
            return true;
        }
        value = default;
        return false;
    }

    private static int IndexOf(ReadOnlySpan<CelValue> keys, in CelValue key)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (CelEquality.AreEqual(keys[i], key)) return i;
        }
        return -1;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<CelValue, CelValue>> GetEnumerator()
    {
        for (var i = 0; i < keys.Length; i++) yield return new(keys[i], values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
