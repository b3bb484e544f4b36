namespace Castellan.Cel.Evaluation;

/// <summary>A part of a compiled expression. Immutable; evaluated by many threads at once.</summary>
internal abstract class Node
{
    /// <summary>Evaluates; failures are values.</summary>
    public abstract CelValue Evaluate(ref Frame frame);

    /// <summary>What <see cref="Evaluate"/> costs at most, given how large the local variables may be; sets those that it declares.</summary>
    public abstract Estimate Bound(Extent[] locals);
}

/// <summary>A compiled expression: its root and how many local variables it uses.</summary>
internal sealed record Plan(Node Root, int Locals)
{
    /// <summary>What an evaluation costs at most, if values from data are no larger than <see cref="Extent.Data"/>.</summary>
    public long Cost { get; } = Root.Bound(new Extent[Locals]).Cost;
}

internal sealed class ConstantNode(CelValue value) : Node
{
    public CelValue Value { get; } = value;

    public override CelValue Evaluate(ref Frame frame) => Value;

    public override Estimate Bound(Extent[] locals) => new(0, Extent.Of(Value));
}

internal sealed class VariableNode(int slot, string name, CelType type) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        ref readonly var value = ref frame.Variables[slot];
        return value.Kind == CelKind.Undefined ? CelValue.Fail($"the variable '{name}' has no value") : value;
    }

    public override Estimate Bound(Extent[] locals) => new(0, Extent.Of(type));
}

internal sealed class LocalNode(int slot) : Node
{
    public override CelValue Evaluate(ref Frame frame) => frame.Locals[slot];

    public override Estimate Bound(Extent[] locals) => new(0, locals[slot]);
}
