namespace Castellan.Cel.Evaluation;

/// <summary>How large a value may be.</summary>
/// <param name="Count">Most elements, if it is a list or a map; most tenths of its characters, if it is a text.</param>
/// <param name="Weight">Most that touching all of it is charged: see <see cref="WeightOf"/>.</param>
/// <param name="Element">Most that one element weighs.</param>
internal readonly record struct Extent(long Count, long Weight, long Element)
{
    private const long Assumed = 100;

    /// <summary>A number, a truth value, a point in time: nothing to walk through.</summary>
    public static Extent Scalar => default;

    /// <summary>
    /// A value from data, of which nothing is known: it is assumed to have no more than 100 elements, those of all levels counted, or
    /// no more than 1,000 characters.
    /// </summary>
    public static Extent Data { get; } = new(Assumed, Assumed, Assumed);

    /// <summary>Any element of the value.</summary>
    public Extent Item => new(Element, Element, Element);

    /// <summary>The same, if only a text is taken.</summary>
    public Extent AsText => this with { Weight = Math.Min(Weight, Count), Element = 0 };

    public static Extent Text(long weight) => new(weight, weight, 0);

    /// <summary>A value from data of a declared type.</summary>
    public static Extent Of(CelType type) => type.Kind switch
    {
        CelTypeKind.String or CelTypeKind.Bytes => Data.AsText,
        _ => IsScalar(type) ? Scalar : Data,
    };

    public static Extent Of(in CelValue value) => value.Kind switch
    {
        CelKind.List => new(value.AsList.Count, value.AsList.Weight, Heaviest(value.AsList.Span)),
        CelKind.Map => new(value.AsMap.Count, value.AsMap.Weight, Math.Max(Heaviest(value.AsMap.KeySpan), Heaviest(value.AsMap.ValueSpan))),
        CelKind.Optional => value.OptionalValue is { } inner ? Of(inner) : Scalar,
        _ => Text(WeightOf(value)),
    };

    public static bool IsScalar(CelType type) => type.Kind is CelTypeKind.Null or CelTypeKind.Bool or CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double
        or CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.Type;

    /// <summary>Either of two.</summary>
    public Extent Or(in Extent other) => new(Math.Max(Count, other.Count), Math.Max(Weight, other.Weight), Math.Max(Element, other.Element));

    /// <summary>One after the other; two texts of 9 characters weigh nothing, and 1 together.</summary>
    public Extent Plus(in Extent other) => new(Cost.Sum(1, Count, other.Count), Cost.Sum(1, Weight, other.Weight), Math.Max(Element, other.Element));

    /// <summary>
    /// What touching all of a value is charged: 1 for each element at whatever level, and 1 for 10 characters. A list that holds another
    /// one twice weighs it twice, because whoever walks through it visits it twice.
    /// </summary>
    public static long WeightOf(in CelValue value) => value.Kind switch
    {
        CelKind.String => value.Text.Length / 10,
        CelKind.Bytes => value.Octets.Length / 10,
        CelKind.List => value.AsList.Weight,
        CelKind.Map => value.AsMap.Weight,
        CelKind.Optional => value.OptionalValue is { } inner ? WeightOf(inner) : 0,
        _ => 0,
    };

    internal static long SumOf(ReadOnlySpan<CelValue> values)
    {
        long sum = values.Length;
        foreach (ref readonly var value in values) sum = Cost.Sum(sum, WeightOf(value));
        return sum;
    }

    private static long Heaviest(ReadOnlySpan<CelValue> values)
    {
        var heaviest = 0L;
        foreach (ref readonly var value in values) heaviest = Math.Max(heaviest, WeightOf(value));
        return heaviest;
    }
}

/// <summary>What evaluating a part of an expression costs at most, and how large its value may be.</summary>
internal readonly record struct Estimate(long Cost, Extent Extent);

/// <summary>Sums and products that stay at the highest number instead of overflowing.</summary>
internal static class Cost
{
    private const long Highest = long.MaxValue / 4;

    public static long Sum(long a, long b) => Math.Min(a + b, Highest);

    public static long Sum(long a, long b, long c) => Sum(Sum(a, b), c);

    public static long Product(long a, long b) => a > 0 && b > Highest / a ? Highest : Math.Min(a * b, Highest);
}
