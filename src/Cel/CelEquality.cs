namespace Castellan.Cel;

/// <summary>CEL's equality, hash and order.</summary>
internal static class CelEquality
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    public static bool AreEqual(in CelValue a, in CelValue b)
    {
        if (a.Kind != b.Kind) return IsNumber(a.Kind) && IsNumber(b.Kind) && CompareNumbers(a, b) == 0;
        return a.Kind switch
        {
            CelKind.String => string.Equals(a.Text, b.Text),
            CelKind.Bool or CelKind.Int or CelKind.Uint => a.Bits == b.Bits,
            CelKind.Double => a.DoubleBits == b.DoubleBits,
            CelKind.Null => true,
            CelKind.Bytes => a.Octets.AsSpan().SequenceEqual(b.Octets),
            CelKind.List => ListsAreEqual(a.AsList, b.AsList),
            CelKind.Map => MapsAreEqual(a.AsMap, b.AsMap),
            CelKind.Type => a.AsType.Name == b.AsType.Name,
            CelKind.Timestamp => a.AsTimestamp == b.AsTimestamp,
            CelKind.Duration => a.AsDuration == b.AsDuration,
            CelKind.Optional => OptionalsAreEqual(a, b),
            _ => a.Reference?.Equals(b.Reference) ?? b.Reference is null,
        };
    }

    /// <summary>
    /// Numbers that are equal have one hash, whatever their type. Hashes depend on the content and on a seed of the process: nobody can
    /// choose values that all have the same one.
    /// </summary>
    public static int HashOf(in CelValue value) => value.Kind switch
    {
        CelKind.String => value.Text.GetHashCode(),
        CelKind.Bool => value.Bits == 0 ? 17 : 19,
        CelKind.Int or CelKind.Uint => HashCode.Combine(value.Bits),
        CelKind.Double => value.DoubleBits is >= -TwoTo63 and < TwoTo63
            ? HashCode.Combine((long)value.DoubleBits)
            : value.DoubleBits is >= TwoTo63 and < TwoTo64 ? HashCode.Combine(unchecked((long)(ulong)value.DoubleBits)) : HashCode.Combine(value.Bits),
        CelKind.List => HashOf(value.AsList),
        CelKind.Map => HashOf(value.AsMap),
        CelKind.Timestamp or CelKind.Duration => HashCode.Combine(value.Bits),
        CelKind.Bytes => HashOf(value.Octets),
        CelKind.Optional => value.OptionalValue is { } inner ? HashOf(inner) : 0,
        CelKind.Opaque => value.AsOpaque.GetHashCode(),
        CelKind.Type => value.AsType.Name.GetHashCode(StringComparison.Ordinal),
        _ => (int)value.Kind,
    };

    /// <summary>Orders two values.</summary>
    /// <returns>Below, at or above 0; <see cref="int.MinValue"/> when one is not a number; <see langword="null"/> when they have no order.</returns>
    public static int? Compare(in CelValue a, in CelValue b)
    {
        if (IsNumber(a.Kind) && IsNumber(b.Kind)) return CompareNumbers(a, b);
        if (a.Kind != b.Kind) return null;
        return a.Kind switch
        {
            CelKind.String => Library.Text.Compare(a.Text, b.Text),
            CelKind.Bool => a.Bits.CompareTo(b.Bits),
            CelKind.Bytes => a.Octets.AsSpan().SequenceCompareTo(b.Octets),
            CelKind.Timestamp => a.AsTimestamp.CompareTo(b.AsTimestamp),
            CelKind.Duration => a.AsDuration.CompareTo(b.AsDuration),
            _ => null,
        };
    }

    public static bool IsNumber(CelKind kind) => kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    private static int CompareNumbers(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => a.Bits.CompareTo(b.Bits),
        (CelKind.Uint, CelKind.Uint) => a.AsUint.CompareTo(b.AsUint),
        (CelKind.Double, CelKind.Double) => CompareDoubles(a.DoubleBits, b.DoubleBits),
        (CelKind.Int, CelKind.Uint) => a.Bits < 0 || b.Bits < 0 ? -1 : a.Bits.CompareTo(b.Bits),
        (CelKind.Uint, CelKind.Int) => -CompareNumbers(b, a),
        (CelKind.Double, CelKind.Int) => CompareDoubleToInt(a.DoubleBits, b.Bits),
        (CelKind.Int, CelKind.Double) => Reverse(CompareDoubleToInt(b.DoubleBits, a.Bits)),
        (CelKind.Double, CelKind.Uint) => CompareDoubleToUint(a.DoubleBits, b.AsUint),
        _ => Reverse(CompareDoubleToUint(b.DoubleBits, a.AsUint)),
    };

    // Inside the range of the integer the comparison is made as doubles: that is what the conformance cases ask for.
    private static int CompareDoubleToInt(double number, long integer) =>
        number < -TwoTo63 ? -1 : number > TwoTo63 ? 1 : CompareDoubles(number, integer);

    private static int CompareDoubleToUint(double number, ulong integer) =>
        number < 0 ? -1 : number > TwoTo64 ? 1 : CompareDoubles(number, integer);

    private static int CompareDoubles(double a, double b) => a < b ? -1 : a > b ? 1 : a == b ? 0 : int.MinValue;

    private static int Reverse(int order) => order == int.MinValue ? order : -order;

    private static int HashOf(CelList list)
    {
        var hash = new HashCode();
        foreach (ref readonly var item in list.Span) hash.Add(HashOf(item));
        return hash.ToHashCode();
    }

    private static int HashOf(CelMap map)
    {
        var hash = map.Count;
        for (var i = 0; i < map.Count; i++) hash += HashCode.Combine(HashOf(map.KeySpan[i]), HashOf(map.ValueSpan[i])); // the order does not count
        return hash;
    }

    private static int HashOf(byte[] octets)
    {
        var hash = new HashCode();
        hash.AddBytes(octets);
        return hash.ToHashCode();
    }

    private static bool ListsAreEqual(CelList a, CelList b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (!AreEqual(a[i], b[i])) return false;
        }
        return true;
    }

    private static bool MapsAreEqual(CelMap a, CelMap b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (!b.TryGetValue(a.KeySpan[i], out var other) || !AreEqual(a.ValueSpan[i], other)) return false;
        }
        return true;
    }

    private static bool OptionalsAreEqual(in CelValue a, in CelValue b) => (a.OptionalValue, b.OptionalValue) switch
    {
        (null, null) => true,
        ({ } x, { } y) => AreEqual(x, y),
        _ => false,
    };
}
