using System.Collections.Frozen;

namespace Castellan.Cel.Compilation;

/// <summary>A message type of google.protobuf that CEL maps to a plain value: wrappers, Value, Struct, ListValue, Timestamp, Duration.</summary>
/// <param name="Name">Full name.</param>
/// <param name="Fields">Types of the fields.</param>
/// <param name="Result">Type of the value it stands for.</param>
/// <param name="Create">Makes the value.</param>
internal sealed record WellKnownMessage(
    string Name, IReadOnlyDictionary<string, CelType> Fields, CelType Result, Func<IReadOnlyDictionary<string, CelValue>, CelValue> Create)
{
    private const string Package = "google.protobuf.";

    private static readonly FrozenDictionary<string, WellKnownMessage> ByName = All().ToFrozenDictionary(m => m.Name);

    public static WellKnownMessage? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<WellKnownMessage> All() =>
    [
        Wrapper("BoolValue", CelType.Bool, CelValue.False),
        Wrapper("Int64Value", CelType.Int, CelValue.From(0L)),
        Wrapper("Int32Value", CelType.Int, CelValue.From(0L), v => v.AsInt is >= int.MinValue and <= int.MaxValue),
        Wrapper("UInt64Value", CelType.Uint, CelValue.From(0UL)),
        Wrapper("UInt32Value", CelType.Uint, CelValue.From(0UL), v => v.AsUint <= uint.MaxValue),
        Wrapper("DoubleValue", CelType.Double, CelValue.From(0.0)),
        Wrapper("StringValue", CelType.String, CelValue.From("")),
        Wrapper("BytesValue", CelType.Bytes, CelValue.From(Array.Empty<byte>())),
        new(Package + "FloatValue", One("value", CelType.Double), CelType.Double,
            f => CelValue.From(f.TryGetValue("value", out var v) ? (float)v.AsDouble : 0.0)),
        new(Package + "Value", ValueFields(), CelType.Dyn, f => f.Count == 0 ? CelValue.Null : f.First() is var (name, value) && name == "null_value" ? CelValue.Null : value),
        new(Package + "Struct", One("fields", CelType.Map(CelType.String, CelType.Dyn)), CelType.Map(CelType.String, CelType.Dyn),
            f => f.TryGetValue("fields", out var v) ? v : CelValue.From(CelMap.Empty)),
        new(Package + "ListValue", One("values", CelType.AnyList), CelType.AnyList,
            f => f.TryGetValue("values", out var v) ? v : CelValue.From(CelList.Empty)),
        new(Package + "Timestamp", Parts(), CelType.Timestamp, f =>
            new CelTimestamp(Int(f, "seconds"), (int)Int(f, "nanos")) is { IsValid: true, Nanos: >= 0 and < 1_000_000_000 } time
                ? CelValue.From(time) : CelValue.Fail("timestamp out of range")),
        new(Package + "Duration", Parts(), CelType.Duration, f =>
            new CelDuration(Int(f, "seconds"), (int)Int(f, "nanos")) is { IsValid: true, Nanos: > -1_000_000_000 and < 1_000_000_000 } span
                ? CelValue.From(span) : CelValue.Fail("duration out of range")),
    ];

    private static WellKnownMessage Wrapper(string name, CelType type, CelValue zero, Func<CelValue, bool>? fits = null) =>
        new(Package + name, One("value", type), type, fields =>
        {
            if (!fields.TryGetValue("value", out var value)) return zero;
            if (value.Kind != zero.Kind) return CelValue.Fail($"{name} cannot hold {value.TypeName}");
            return fits is null || fits(value) ? value : CelValue.Fail($"{value} is out of the range of {name}");
        });

    private static Dictionary<string, CelType> One(string name, CelType type) => new() { [name] = type };

    private static Dictionary<string, CelType> Parts() => new() { ["seconds"] = CelType.Int, ["nanos"] = CelType.Int };

    private static Dictionary<string, CelType> ValueFields() => new()
    {
        ["null_value"] = CelType.Dyn,
        ["number_value"] = CelType.Double,
        ["string_value"] = CelType.String,
        ["bool_value"] = CelType.Bool,
        ["struct_value"] = CelType.Map(CelType.String, CelType.Dyn),
        ["list_value"] = CelType.AnyList,
    };

    private static long Int(IReadOnlyDictionary<string, CelValue> fields, string name) =>
        fields.TryGetValue(name, out var value) && value.Kind == CelKind.Int ? value.AsInt : 0;
}
