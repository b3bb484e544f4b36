using Castellan.Cel.Syntax;

namespace Castellan.Cel.Evaluation;

/// <summary>Makes the node of an operator.</summary>
internal static class OperatorNodes
{
    public static Node Create(string function, Node[] operands, int offset) => function switch
    {
        Operators.Not => new NotNode(operands[0], offset),
        Operators.Negate => new NegateNode(operands[0], offset),
        Operators.Equal => new EqualNode(operands[0], operands[1], true),
        Operators.NotEqual => new EqualNode(operands[0], operands[1], false),
        Operators.In => new InNode(operands[0], operands[1], offset),
        Operators.Index => new IndexNode(operands[0], operands[1], false, offset),
        Operators.OptionalIndex => new IndexNode(operands[0], operands[1], true, offset),
        Operators.Less or Operators.LessEqual or Operators.Greater or Operators.GreaterEqual =>
            new CompareNode(operands[0], operands[1], function, offset),
        _ => new ArithmeticNode(operands[0], operands[1], function, offset),
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
}

internal sealed class EqualNode(Node left, Node right, bool wanted) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        return CelValue.From(CelEquality.AreEqual(a, b) == wanted);
    }
}

internal sealed class CompareNode(Node left, Node right, string function, int offset) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        if (CelEquality.Compare(a, b) is not { } order)
        {
            return CelValue.Fail($"no such overload: {a.TypeName} {Operators.Written(function)} {b.TypeName}", offset);
        }
        if (order == int.MinValue) return CelValue.False;
        return CelValue.From(function switch
        {
            Operators.Less => order < 0,
            Operators.LessEqual => order <= 0,
            Operators.Greater => order > 0,
            _ => order >= 0,
        });
    }
}

internal sealed class InNode(Node left, Node right, int offset) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        if (b.Kind == CelKind.Map) return CelValue.From(b.AsMap.TryGetValue(a, out _));
        if (b.Kind != CelKind.List) return CelValue.Fail($"no such overload: {a.TypeName} in {b.TypeName}", offset);
        frame.ChargeFor(b);
        return CelValue.From(b.AsList.Contains(a));
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
}

/// <summary><c>a[b]</c> and <c>a[?b]</c>.</summary>
internal sealed class IndexNode(Node left, Node right, bool optional, int offset) : BinaryNode(left, right)
{
    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        if (a.Kind == CelKind.Optional)
        {
            if (a.OptionalValue is not { } inner) return a;
            var found = Find(inner, b);
            return found.IsValue ? CelValue.Some(found) : found.Kind == CelKind.Undefined ? CelValue.None : found;
        }
        var value = Find(a, b);
        if (value.Kind == CelKind.Undefined)
        {
            return optional ? CelValue.None : CelValue.Fail(a.Kind == CelKind.Map ? $"no such key: {b}" : $"index {b} is out of range", offset);
        }
        return optional && value.IsValue ? CelValue.Some(value) : value;
    }

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
