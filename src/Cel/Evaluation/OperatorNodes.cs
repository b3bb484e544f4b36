using System.Collections.Frozen;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Evaluation;

/// <summary>Makes the node of an operator.</summary>
internal static class OperatorNodes
{
    public static Node Create(string function, Node[] operands, int offset) => function switch
    {
        Operators.Not => new NotNode(operands[0], offset),
        Operators.Negate => new NegateNode(operands[0], offset),
        Operators.Equal => Equality(operands, true),
        Operators.NotEqual => Equality(operands, false),
        Operators.In when operands[1] is ConstantNode { Value.Kind: CelKind.List } list => new InConstantNode(operands[0], list.Value.AsList),
        Operators.In => new InNode(operands[0], operands[1], offset),
        Operators.Index => new IndexNode(operands[0], operands[1], false, offset),
        Operators.OptionalIndex => new IndexNode(operands[0], operands[1], true, offset),
        Operators.Less or Operators.LessEqual or Operators.Greater or Operators.GreaterEqual =>
            new CompareNode(operands[0], operands[1], function, offset),
        _ => new ArithmeticNode(operands[0], operands[1], function, offset),
    };

    private static Node Equality(Node[] operands, bool wanted) => operands switch
    {
        [var operand, ConstantNode { Value.Kind: CelKind.String } text] => new EqualTextNode(operand, text.Value.AsString, wanted),
        [ConstantNode { Value.Kind: CelKind.String } text, var operand] => new EqualTextNode(operand, text.Value.AsString, wanted),
        _ => new EqualNode(operands[0], operands[1], wanted),
    };
}

/// <summary>Evaluates two operands; a result other than a value stands for both.</summary>
internal abstract class BinaryNode(Node left, Node right) : Node
{
    public sealed override CelValue Evaluate(ref Frame frame)
    {
        var a = left.Evaluate(ref frame);
        var b = right.Evaluate(ref frame);
        if (a.IsValue && b.IsValue) return Apply(ref frame, a, b);
        return a.IsUnknown || b.IsUnknown ? CelValue.Unknown : a.IsError ? a : b;
    }

    protected abstract CelValue Apply(ref Frame frame, in CelValue a, in CelValue b);

    public sealed override Estimate Bound(Extent[] locals)
    {
        var (a, b) = (left.Bound(locals), right.Bound(locals));
        var own = Apply(a.Extent, b.Extent);
        return own with { Cost = Cost.Sum(a.Cost, b.Cost, own.Cost) };
    }

    /// <summary>What applying it costs at most.</summary>
    protected abstract Estimate Apply(in Extent a, in Extent b);
}

internal sealed class EqualNode(Node left, Node right, bool wanted) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        return CelValue.From(CelEquality.AreEqual(a, b) == wanted);
    }

    protected override Estimate Apply(in Extent a, in Extent b) => new(a.Weight, Extent.Scalar);
}

/// <summary>Compares with a constant text, the most frequent comparison of all.</summary>
internal sealed class EqualTextNode(Node operand, string text, bool wanted) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (value.Kind == CelKind.String) return CelValue.From(string.Equals(value.Text, text) == wanted);
        return value.IsValue ? CelValue.From(!wanted) : value;
    }

    public override Estimate Bound(Extent[] locals) => operand.Bound(locals) with { Extent = Extent.Scalar };
}

internal sealed class CompareNode(Node left, Node right, string function, int offset) : BinaryNode(left, right)
{
    private readonly bool whenBelow = function is Operators.Less or Operators.LessEqual;
    private readonly bool whenEqual = function is Operators.LessEqual or Operators.GreaterEqual;

    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        if (CelEquality.Compare(a, b) is not { } order)
        {
            return CelValue.Fail($"no such overload: {a.TypeName} {Operators.Written(function)} {b.TypeName}", offset);
        }
        if (order == int.MinValue) return CelValue.False;
        return CelValue.From(order == 0 ? whenEqual : order < 0 == whenBelow);
    }

    protected override Estimate Apply(in Extent a, in Extent b) => new(a.Weight, Extent.Scalar);
}

internal sealed class InNode(Node left, Node right, int offset) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        if (b.Kind == CelKind.Map) return CelValue.From(b.AsMap.TryGetValue(a, out _));
        if (b.Kind != CelKind.List) return CelValue.Fail($"no such overload: {a.TypeName} in {b.TypeName}", offset);
        frame.ChargeFor(b);
        return CelValue.From(b.AsList.Contains(a));
    }

    protected override Estimate Apply(in Extent a, in Extent b) => new(Cost.Sum(a.Weight, b.Weight), Extent.Scalar);
}

/// <summary>Looks into a constant list, for texts by hash.</summary>
internal sealed class InConstantNode(Node operand, CelList list) : Node
{
    private readonly FrozenSet<string> texts = list.Where(i => i.Kind == CelKind.String).Select(i => i.Text).ToFrozenSet(StringComparer.Ordinal);
    private readonly CelList others = new(list.Where(i => i.Kind != CelKind.String));

    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (value.Kind == CelKind.String)
        {
            frame.ChargeFor(value);
            return CelValue.From(texts.Contains(value.Text));
        }
        if (!value.IsValue) return value;
        frame.ChargeFor(value);
        frame.Charge(others.Weight);
        return CelValue.From(others.Contains(value));
    }

    public override Estimate Bound(Extent[] locals)
    {
        var (cost, extent) = operand.Bound(locals);
        return new(Cost.Sum(cost, extent.Weight, others.Weight), Extent.Scalar);
    }
}

internal sealed class NegateNode(Node operand, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        return value.Kind switch
        {
            CelKind.Int => value.AsInt == long.MinValue ? CelValue.Fail("integer overflow", offset) : CelValue.From(-value.AsInt),
            CelKind.Double => CelValue.From(-value.AsDouble),
            CelKind.Duration => value.AsDuration.Negate() is { } span ? CelValue.From(span) : CelValue.Fail("duration out of range", offset),
            _ => value.IsValue ? CelValue.Fail($"no such overload: -{value.TypeName}", offset) : value,
        };
    }

    public override Estimate Bound(Extent[] locals) => operand.Bound(locals) with { Extent = Extent.Scalar };
}

/// <summary><c>a[b]</c> and <c>a[?b]</c>.</summary>
internal sealed class IndexNode(Node left, Node right, bool optional, int offset) : BinaryNode(left, right)
{
    private readonly bool isSpelled = right is ConstantNode;

    protected override Estimate Apply(in Extent a, in Extent b) => new(b.Weight, a.Item);

    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(b);
        if (a.Kind == CelKind.Optional)
        {
            if (a.OptionalValue is not { } inner) return a;
            var found = Find(inner, b);
            return found.IsValue ? CelValue.Some(found) : found.Kind == CelKind.Undefined ? CelValue.None : found;
        }
        var value = Find(a, b);
        if (value.Kind == CelKind.Undefined)
        {
            return optional ? CelValue.None : CelValue.Fail(a.Kind == CelKind.Map ? $"no such key: {Show(b)}" : $"index {b} is out of range", offset);
        }
        return optional && value.IsValue ? CelValue.Some(value) : value;
    }

    // A key that the expression spells out may be shown; one that comes from data may be secret.
    private string Show(in CelValue key) => isSpelled ? key.ToString() : Library.Formatting.Hint(key);

    /// <summary>The element; undefined when there is none.</summary>
    private CelValue Find(in CelValue container, in CelValue key)
    {
        if (container.Kind == CelKind.Map)
        {
            if (key.Kind is not (CelKind.String or CelKind.Bool) && !CelEquality.IsNumber(key.Kind))
            {
                return CelValue.Fail($"no such overload: map[{key.TypeName}]", offset);
            }
            return container.AsMap.TryGetValue(key, out var value) ? value : default;
        }
        if (container.Kind != CelKind.List || !CelEquality.IsNumber(key.Kind))
        {
            return CelValue.Fail($"no such overload: {container.TypeName}[{key.TypeName}]", offset);
        }
        if (key.Kind == CelKind.Double && key.AsDouble != Math.Floor(key.AsDouble)) return CelValue.Fail($"the index {key} is no integer", offset);
        var list = container.AsList;
        var index = key.Kind switch
        {
            CelKind.Int => key.AsInt,
            CelKind.Uint => key.AsUint > int.MaxValue ? -1 : (long)key.AsUint,
            _ => key.AsDouble is >= 0 and <= int.MaxValue ? (long)key.AsDouble : -1,
        };
        return index >= 0 && index < list.Count ? list[(int)index] : default;
    }
}
