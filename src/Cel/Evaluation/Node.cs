namespace Castellan.Cel.Evaluation;

/// <summary>A part of a compiled expression. Immutable; evaluated by many threads at once.</summary>
internal abstract class Node
{
    /// <summary>Evaluates; failures are values.</summary>
    public abstract CelValue Evaluate(ref Frame frame);
}

/// <summary>A compiled expression: its root and how many local variables it uses.</summary>
internal sealed record Plan(Node Root, int Locals);

internal sealed class ConstantNode(CelValue value) : Node
{
    public CelValue Value { get; } = value;

    public override CelValue Evaluate(ref Frame frame) => Value;
}

internal sealed class VariableNode(int slot, string name) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        ref readonly var value = ref frame.Variables[slot];
        return value.Kind == CelKind.Undefined ? CelValue.Fail($"the variable '{name}' has no value") : value;
    }
}

internal sealed class LocalNode(int slot) : Node
{
    public override CelValue Evaluate(ref Frame frame) => frame.Locals[slot];
}
