using System.Collections;

namespace Castellan.Cel;

/// <summary>An immutable list of values.</summary>
public sealed class CelList : IReadOnlyList<CelValue>
{
    /// <summary>The list without elements.</summary>
    public static CelList Empty { get; } = new([]);

    private readonly CelValue[] items;
    private long weight = -1;

    /// <summary>Takes the array over: the caller must not change it any more.</summary>
    internal CelList(CelValue[] items) => this.items = items;

    /// <summary>Copies the elements.</summary>
    public CelList(IEnumerable<CelValue> items) => this.items = [.. items];

    /// <inheritdoc/>
    public int Count => items.Length;

    /// <inheritdoc/>
    public CelValue this[int index] => items[index];

    internal ReadOnlySpan<CelValue> Span => items;

    /// <summary>What touching all of it is charged.</summary>
    internal long Weight => weight >= 0 ? weight : weight = Evaluation.Extent.SumOf(items);

    /// <inheritdoc/>
    public IEnumerator<CelValue> GetEnumerator() => ((IEnumerable<CelValue>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    internal bool Contains(in CelValue wanted)
    {
        foreach (ref readonly var item in items.AsSpan())
        {
            if (CelEquality.AreEqual(item, wanted)) return true;
        }
        return false;
    }
}
