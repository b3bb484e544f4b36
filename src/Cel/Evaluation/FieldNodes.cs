namespace Castellan.Cel.Evaluation;

/// <summary>Reads a field of an object, or the entry of a map; of an optional, the field of what it holds.</summary>
internal sealed class FieldNode(Node operand, FieldReference field) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.Optional) return field.Read(value);
        return value.OptionalValue is { } inner ? field.ReadOptional(inner) : value;
    }

    public override Estimate Bound(Extent[] locals) => field.Bound(operand.Bound(locals));
}

/// <summary><c>has(operand.field)</c>.</summary>
internal sealed class PresenceNode(Node operand, FieldReference field) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.Optional) return field.IsSet(value);
        return value.OptionalValue is { } inner ? field.IsSet(inner) : CelValue.False;
    }

    public override Estimate Bound(Extent[] locals) => operand.Bound(locals) with { Extent = Extent.Scalar };
}

/// <summary><c>operand.?field</c>.</summary>
internal sealed class OptionalFieldNode(Node operand, FieldReference field) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.Optional) return field.ReadOptional(value);
        return value.OptionalValue is { } inner ? field.ReadOptional(inner) : value;
    }

    public override Estimate Bound(Extent[] locals) => field.Bound(operand.Bound(locals));
}
