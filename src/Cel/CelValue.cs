using System.Globalization;

namespace Castellan.Cel;

/// <summary>A value of the Common Expression Language; a small struct, so that comparisons and field paths allocate nothing.</summary>
/// <remarks>
/// Equality is CEL's: numbers compare across int, uint and double, values of other different types are unequal.
/// Source: cel-spec, doc/langdef.md.
/// </remarks>
public readonly partial struct CelValue : IEquatable<CelValue>
{
    private readonly object? reference;
    private readonly long bits;
    private readonly int nanos;
    private readonly CelKind kind;

    private CelValue(CelKind kind, long bits = 0, object? reference = null, int nanos = 0)
    {
        this.kind = kind;
        this.bits = bits;
        this.reference = reference;
        this.nanos = nanos;
    }

    /// <summary>What the value holds.</summary>
    public CelKind Kind => kind;

    /// <summary>Whether the evaluation failed.</summary>
    public bool IsError => kind == CelKind.Error;

    /// <summary>Whether the value is not known yet.</summary>
    public bool IsUnknown => kind == CelKind.Unknown;

    /// <summary>Whether the value is the boolean true.</summary>
    public bool IsTrue => kind == CelKind.Bool && bits != 0;

    /// <summary>Whether the value is the boolean false.</summary>
    public bool IsFalse => kind == CelKind.Bool && bits == 0;

    /// <summary>Neither an error nor unknown.</summary>
    internal bool IsValue => kind > CelKind.Unknown;

    /// <summary>Why there is no value.</summary>
    /// <exception cref="InvalidOperationException">The value is no error.</exception>
    public CelError Error => (CelError)Expect(CelKind.Error);

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public bool AsBool => Check(CelKind.Bool).bits != 0;

    /// <summary>The signed integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long AsInt => Check(CelKind.Int).bits;

    /// <summary>The unsigned integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ulong AsUint => unchecked((ulong)Check(CelKind.Uint).bits);

    /// <summary>The floating-point number.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public double AsDouble => BitConverter.Int64BitsToDouble(Check(CelKind.Double).bits);

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public string AsString => (string)Expect(CelKind.String);

    /// <summary>The octets.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlyMemory<byte> AsBytes => (byte[])Expect(CelKind.Bytes);

    /// <summary>The list.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelList AsList => (CelList)Expect(CelKind.List);

    /// <summary>The map.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelMap AsMap => (CelMap)Expect(CelKind.Map);

    /// <summary>The type.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelType AsType => (CelType)Expect(CelKind.Type);

    /// <summary>The host's object.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelObject AsObject => (CelObject)Expect(CelKind.Object);

    /// <summary>The point in time.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelTimestamp AsTimestamp => new(Check(CelKind.Timestamp).bits, nanos);

    /// <summary>The span of time.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelDuration AsDuration => new(Check(CelKind.Duration).bits, nanos);

    /// <summary>What an optional holds; <see langword="null"/> when it holds nothing.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelValue? OptionalValue => Check(CelKind.Optional).reference is OptionalBox box ? box.Value : null;

    internal CelOpaque AsOpaque => (CelOpaque)Expect(CelKind.Opaque);

    internal long Bits => bits;

    internal double DoubleBits => BitConverter.Int64BitsToDouble(bits);

    internal string Text => (string)reference!;

    internal byte[] Octets => (byte[])reference!;

    internal object? Reference => reference;

    /// <summary>Whether the value is the zero of its type: false, 0, empty, or null.</summary>
    public bool IsZero => kind switch
    {
        CelKind.Null or CelKind.Undefined => true,
        CelKind.Bool or CelKind.Int or CelKind.Uint => bits == 0,
        CelKind.Double => DoubleBits == 0,
        CelKind.String => Text.Length == 0,
        CelKind.Bytes => Octets.Length == 0,
        CelKind.List => ((CelList)reference!).Count == 0,
        CelKind.Map => ((CelMap)reference!).Count == 0,
        CelKind.Timestamp or CelKind.Duration => bits == 0 && nanos == 0,
        CelKind.Optional => reference is null,
        _ => false,
    };

    /// <summary>Name of the value's type in CEL, for messages.</summary>
    public string TypeName => kind is CelKind.Error or CelKind.Unknown or CelKind.Undefined ? kind.ToString().ToLowerInvariant() : RuntimeType.Name;

    internal CelType RuntimeType => kind switch
    {
        CelKind.Null => CelType.Null,
        CelKind.Bool => CelType.Bool,
        CelKind.Int => CelType.Int,
        CelKind.Uint => CelType.Uint,
        CelKind.Double => CelType.Double,
        CelKind.String => CelType.String,
        CelKind.Bytes => CelType.Bytes,
        CelKind.List => CelType.AnyList,
        CelKind.Map => CelType.AnyMap,
        CelKind.Type => CelType.Type,
        CelKind.Timestamp => CelType.Timestamp,
        CelKind.Duration => CelType.Duration,
        CelKind.Optional => CelType.AnyOptional,
        CelKind.Object => ((CelObject)reference!).Type,
        CelKind.Opaque => ((CelOpaque)reference!).Type,
        _ => CelType.Dyn,
    };

    /// <inheritdoc/>
    public bool Equals(CelValue other) => CelEquality.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => CelEquality.HashOf(this);

    /// <summary>Whether the values are equal in CEL.</summary>
    public static bool operator ==(CelValue left, CelValue right) => left.Equals(right);

    /// <summary>Whether the values differ in CEL.</summary>
    public static bool operator !=(CelValue left, CelValue right) => !left.Equals(right);

    /// <summary>The value as it would be written, for people; lists and maps are written in full.</summary>
    public override string ToString() => kind switch
    {
        CelKind.Undefined => "undefined",
        CelKind.Unknown => "unknown",
        CelKind.Error => $"error: {Error.Message}",
        CelKind.String => Library.Quoting.Quote(Text),
        CelKind.Uint => string.Create(CultureInfo.InvariantCulture, $"{unchecked((ulong)bits)}u"),
        CelKind.Bytes => $"b\"{Convert.ToHexStringLower(Octets)}\"",
        CelKind.List => $"[{string.Join(", ", AsList)}]",
        CelKind.Map => $"{{{string.Join(", ", AsMap.Select(e => $"{e.Key}: {e.Value}"))}}}",
        CelKind.Optional => OptionalValue is { } value ? $"optional.of({value})" : "optional.none()",
        CelKind.Object => ((CelObject)reference!).Type.Name,
        _ => Library.Formatting.Display(this),
    };

    private object Expect(CelKind wanted) => Check(wanted).reference!;

    private CelValue Check(CelKind wanted) => kind == wanted
        ? this
        : throw new InvalidOperationException($"the value is {TypeName}, not {wanted.ToString().ToLowerInvariant()}; look at Kind first");

    /// <summary>Holds the value of an optional on the heap, so that <see cref="CelValue"/> stays small.</summary>
    internal sealed class OptionalBox(CelValue value)
    {
        internal CelValue Value { get; } = value;
    }
}
