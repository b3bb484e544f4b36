namespace Castellan.Cel.Evaluation;

/// <summary>The field that an expression names.</summary>
/// <param name="name">Its name.</param>
/// <param name="holder">The declared object type, if the checker knows it.</param>
/// <param name="index">Position in <paramref name="holder"/>.</param>
/// <param name="offset">Where the name stands.</param>
internal sealed class FieldReference(string name, CelType? holder, int index, int offset)
{
    private readonly CelValue key = CelValue.From(name);

    /// <summary>Reads the field of a value that is neither optional nor a failure.</summary>
    public CelValue Read(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Object:
                return Read(value.AsObject, out _);
            case CelKind.Map:
                return value.AsMap.TryGetField(name, key, out var found) ? found : Fail($"no such key: '{name}'");
            default:
                return Fail($"{value.TypeName} has no field '{name}'");
        }
    }

    /// <summary>Whether the field is set.</summary>
    public CelValue IsSet(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Map:
                return CelValue.From(value.AsMap.TryGetField(name, key, out _));
            case CelKind.Object:
                var found = Read(value.AsObject, out var at);
                return found.IsValue ? CelValue.From(value.AsObject.HasField(at)) : found;
            default:
                return Fail($"{value.TypeName} has no field '{name}'");
        }
    }

    /// <summary>Reads the field as an optional.</summary>
    public CelValue ReadOptional(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.Map:
                return value.AsMap.TryGetField(name, key, out var entry) ? Some(entry) : CelValue.None;
            case CelKind.Object:
                var isSet = IsSet(value);
                return isSet.IsTrue ? Some(Read(value.AsObject, out _)) : isSet.IsFalse ? CelValue.None : isSet;
            default:
                return Fail($"no such key: '{name}' in {value.TypeName}");
        }
    }

    /// <summary>What reading it costs at most: nothing of its own.</summary>
    public Estimate Bound(in Estimate operand) => operand with { Extent = holder is { Kind: CelTypeKind.Object } ? Extent.Of(holder.Fields[index].Type) : operand.Extent.Item };

    private CelValue Read(CelObject target, out int at)
    {
        at = index;
        if (!ReferenceEquals(target.Type, holder) && !target.Type.TryGetField(name, out _, out at))
        {
            return Fail($"no such field: '{name}' of {target.Type.Name}");
        }
        var value = target.GetField(at);
        return value.Kind == CelKind.Undefined ? Fail($"the field '{name}' of {target.Type.Name} has no value") : value;
    }

    private CelValue Fail(string message) => CelValue.Fail(message, offset);

    private static CelValue Some(in CelValue value) => value.IsValue ? CelValue.Some(value) : value;
}
