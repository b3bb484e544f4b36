using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Castellan.Cel;

/// <summary>A type of the Common Expression Language.</summary>
public sealed class CelType : IEquatable<CelType>
{
    private const int LargestSize = 2_000;
    private readonly Dictionary<string, int>? fieldIndex;

    private CelType(CelTypeKind kind, string name, params ImmutableArray<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
        Fields = [];
        Size = 1 + parameters.Sum(p => p.Size);
    }

    private CelType(string name, ImmutableArray<CelField> fields)
        : this(CelTypeKind.Object, name)
    {
        Fields = fields;
        fieldIndex = [];
        for (var i = 0; i < fields.Length; i++) fieldIndex.Add(fields[i].Name, i);
    }

    /// <summary>A type that is known only when the expression runs; fits every other.</summary>
    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    /// <summary>The type of null.</summary>
    public static CelType Null { get; } = new(CelTypeKind.Null, "null_type");

    /// <summary>The type of true and false.</summary>
    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    /// <summary>Signed integers of 64 bits.</summary>
    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    /// <summary>Unsigned integers of 64 bits.</summary>
    public static CelType Uint { get; } = new(CelTypeKind.Uint, "uint");

    /// <summary>IEEE 754 numbers of 64 bits.</summary>
    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    /// <summary>Unicode text.</summary>
    public static CelType String { get; } = new(CelTypeKind.String, "string");

    /// <summary>Octets.</summary>
    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    /// <summary>Points in time.</summary>
    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary>Spans of time.</summary>
    public static CelType Duration { get; } = new(CelTypeKind.Duration, "google.protobuf.Duration");

    /// <summary>The type of types.</summary>
    public static CelType Type { get; } = new(CelTypeKind.Type, "type", Dyn);

    internal static CelType AnyList { get; } = List(Dyn);

    internal static CelType AnyMap { get; } = Map(Dyn, Dyn);

    internal static CelType AnyOptional { get; } = Optional(Dyn);

    /// <summary>Name of the type, without its parameters.</summary>
    public string Name { get; }

    /// <summary>Declared fields, for an object type.</summary>
    public ImmutableArray<CelField> Fields { get; }

    internal CelTypeKind Kind { get; }

    internal ImmutableArray<CelType> Parameters { get; }

    /// <summary>Number of types inside, this one counted.</summary>
    internal int Size { get; }

    internal bool IsDyn => Kind == CelTypeKind.Dyn;

    /// <summary>Lists of one element type.</summary>
    public static CelType List(CelType element) => new(CelTypeKind.List, "list", element);

    /// <summary>Maps of one key type and one value type.</summary>
    public static CelType Map(CelType key, CelType value) => new(CelTypeKind.Map, "map", key, value);

    /// <summary>Values that may be absent.</summary>
    public static CelType Optional(CelType value) => new(CelTypeKind.Optional, "optional_type", value);

    /// <summary>Objects with declared fields; reading any other field is refused when an expression is compiled.</summary>
    public static CelType Object(string name, params ReadOnlySpan<CelField> fields) => new(name, fields.ToImmutableArray());

    /// <summary>The type of a type, for example of the identifier <c>int</c>.</summary>
    internal static CelType TypeOf(CelType type) => new(CelTypeKind.Type, "type", type);

    internal static CelType Opaque(string name) => new(CelTypeKind.Opaque, name);

    /// <summary>A placeholder that an overload or an empty list leaves open.</summary>
    internal static CelType Parameter(string name) => new(CelTypeKind.Parameter, name);

    /// <summary>The type with other parameters; beyond a size that no sensible expression reaches, dyn.</summary>
    internal CelType With(ImmutableArray<CelType> parameters)
    {
        var type = new CelType(Kind, Name, parameters);
        return type.Size > LargestSize ? Dyn : type;
    }

    /// <summary>Finds a declared field.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out CelField? field, out int index)
    {
        index = -1;
        field = fieldIndex is not null && fieldIndex.TryGetValue(name, out index) ? Fields[index] : null;
        return field is not null;
    }

    /// <summary>Whether a value may be passed where this type is asked for; elements of lists and maps are not looked at.</summary>
    internal bool Accepts(in CelValue value) => Kind switch
    {
        CelTypeKind.Dyn or CelTypeKind.Parameter => true,
        CelTypeKind.Null => value.Kind == CelKind.Null,
        CelTypeKind.Bool => value.Kind == CelKind.Bool,
        CelTypeKind.Int => value.Kind == CelKind.Int,
        CelTypeKind.Uint => value.Kind == CelKind.Uint,
        CelTypeKind.Double => value.Kind == CelKind.Double,
        CelTypeKind.String => value.Kind == CelKind.String,
        CelTypeKind.Bytes => value.Kind == CelKind.Bytes,
        CelTypeKind.Timestamp => value.Kind == CelKind.Timestamp,
        CelTypeKind.Duration => value.Kind == CelKind.Duration,
        CelTypeKind.Type => value.Kind == CelKind.Type,
        CelTypeKind.List => value.Kind == CelKind.List,
        CelTypeKind.Map => value.Kind == CelKind.Map,
        CelTypeKind.Optional => value.Kind == CelKind.Optional,
        CelTypeKind.Object => value.Kind is CelKind.Object or CelKind.Map,
        _ => value.Kind == CelKind.Opaque && value.AsOpaque.Type.Name == Name,
    };

    /// <inheritdoc/>
    public bool Equals(CelType? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || Kind != other.Kind || Name != other.Name || Parameters.Length != other.Parameters.Length) return false;
        for (var i = 0; i < Parameters.Length; i++)
        {
            if (!Parameters[i].Equals(other.Parameters[i])) return false;
        }
        return Fields.Length == other.Fields.Length;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CelType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Name);

    /// <summary>The type as CEL's tools write it, for example <c>map(string, list(int))</c>.</summary>
    public override string ToString() =>
        Parameters.Length == 0 ? Name : $"{Name}({string.Join(", ", Parameters)})";
}
