using Castellan.Cel.Compilation;

namespace Castellan.Cel.Evaluation;

/// <summary>An element or entry of a literal.</summary>
internal readonly record struct ItemNode(Node? Key, Node Value, bool IsOptional)
{
    /// <summary>Evaluates the value; an empty optional leaves the item out.</summary>
    /// <returns>Whether there is a value: if not, <paramref name="value"/> is a failure, unknown, or the item is left out (Undefined).</returns>
    public bool TryEvaluate(ref Frame frame, int offset, out CelValue value)
    {
        value = Value.Evaluate(ref frame);
        if (!value.IsValue || !IsOptional) return value.IsValue;
        if (value.Kind != CelKind.Optional)
        {
            value = CelValue.Fail($"{value.TypeName} after ? is not optional", offset);
            return false;
        }
        value = value.OptionalValue ?? default;
        return value.IsValue;
    }

    /// <summary>What making a literal of items costs at most.</summary>
    public static Estimate Bound(ItemNode[] items, Extent[] locals)
    {
        var (cost, weight, heaviest) = (1L + items.Length, 0L, 0L);
        foreach (var item in items)
        {
            var key = item.Key?.Bound(locals) ?? new(0, Extent.Scalar);
            var value = item.Value.Bound(locals);
            cost = Cost.Sum(cost, Cost.Sum(key.Cost, key.Extent.Weight), value.Cost);
            weight = Cost.Sum(weight, 2, Cost.Sum(key.Extent.Weight, value.Extent.Weight));
            heaviest = Math.Max(heaviest, Math.Max(key.Extent.Weight, value.Extent.Weight));
        }
        return new(cost, new(items.Length, weight, heaviest));
    }
}

internal sealed class ListNode(ItemNode[] items, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        frame.Charge(1 + items.Length);
        var values = new CelValue[items.Length];
        var count = 0;
        foreach (var item in items)
        {
            if (item.TryEvaluate(ref frame, offset, out var value)) values[count++] = value;
            else if (value.Kind != CelKind.Undefined) return value;
        }
        return CelValue.From(new CelList(count == values.Length ? values : values[..count]));
    }

    public override Estimate Bound(Extent[] locals) => ItemNode.Bound(items, locals);
}

internal sealed class MapNode(ItemNode[] items, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        frame.Charge(1 + items.Length);
        var (keys, values, count) = (new CelValue[items.Length], new CelValue[items.Length], 0);
        foreach (var item in items)
        {
            var key = item.Key!.Evaluate(ref frame);
            if (!key.IsValue) return key;
            frame.ChargeFor(key);
            if (item.TryEvaluate(ref frame, offset, out var value)) (keys[count], values[count++]) = (key, value);
            else if (value.Kind != CelKind.Undefined) return value;
        }
        if (count < items.Length) (keys, values) = (keys[..count], values[..count]);
        return CelMap.TryCreate(keys, values, out var map) is { } problem ? CelValue.Fail(problem, offset) : CelValue.From(map!);
    }

    public override Estimate Bound(Extent[] locals) => ItemNode.Bound(items, locals);
}

internal sealed class MessageNode(WellKnownMessage message, ItemNode[] items, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var fields = new Dictionary<string, CelValue>();
        foreach (var item in items)
        {
            if (item.TryEvaluate(ref frame, offset, out var value)) fields[((ConstantNode)item.Key!).Value.AsString] = value;
            else if (value.Kind != CelKind.Undefined) return value;
        }
        var result = message.Create(fields);
        return result.IsError ? result.At(offset) : result;
    }

    public override Estimate Bound(Extent[] locals) => ItemNode.Bound(items, locals);
}
