namespace Castellan.Cel.Evaluation;

/// <summary>What all comprehensions share.</summary>
/// <param name="Range">What is visited.</param>
/// <param name="Filter">Which elements count; all when absent.</param>
/// <param name="Body">What is evaluated for each.</param>
/// <param name="First">Slot of the first variable.</param>
/// <param name="Second">Slot of the second variable, or -1.</param>
/// <param name="Offset">Where the macro stands.</param>
internal sealed record ComprehensionParts(Node Range, Node? Filter, Node Body, int First, int Second, int Offset);

/// <summary>Visits the elements of a list, or the entries of a map.</summary>
internal abstract class ComprehensionNode(ComprehensionParts parts) : Node
{
    protected ComprehensionParts Parts { get; } = parts;

    /// <summary>Evaluates the range.</summary>
    /// <returns>Whether it can be visited; otherwise <paramref name="range"/> is the result.</returns>
    protected bool TryOpen(ref Frame frame, out CelValue range, out int count)
    {
        range = Parts.Range.Evaluate(ref frame);
        count = range.Kind == CelKind.List ? range.AsList.Count : range.Kind == CelKind.Map ? range.AsMap.Count : -1;
        if (count < 0 && range.IsValue) range = CelValue.Fail($"{range.TypeName} has no elements to visit", Parts.Offset);
        frame.Charge(1);
        return count >= 0;
    }

    /// <summary>Sets the variables to one element.</summary>
    protected void Visit(ref Frame frame, in CelValue range, int index)
    {
        frame.Charge(1);
        var isList = range.Kind == CelKind.List;
        if (Parts.Second < 0)
        {
            frame.Locals[Parts.First] = isList ? range.AsList[index] : range.AsMap.KeySpan[index];
            return;
        }
        frame.Locals[Parts.First] = isList ? CelValue.From((long)index) : range.AsMap.KeySpan[index];
        frame.Locals[Parts.Second] = isList ? range.AsList[index] : range.AsMap.ValueSpan[index];
    }

    public sealed override Estimate Bound(Extent[] locals)
    {
        var (range, elements) = Parts.Range.Bound(locals);
        // Keys of maps and positions in lists weigh no more than elements do.
        locals[Parts.First] = elements.Item;
        if (Parts.Second >= 0) locals[Parts.Second] = elements.Item;
        var filter = Parts.Filter?.Bound(locals).Cost ?? 0;
        var body = Parts.Body.Bound(locals);
        var rounds = Cost.Product(elements.Count, Cost.Sum(1 + CostOf(body.Extent), filter, body.Cost));
        return new(Cost.Sum(Cost.Sum(1, CostAfter(elements, body.Extent)), range, rounds), Result(elements, body.Extent));
    }

    /// <summary>What each round costs besides its parts.</summary>
    protected virtual long CostOf(in Extent body) => 0;

    /// <summary>What follows the last round.</summary>
    protected virtual long CostAfter(in Extent range, in Extent body) => 0;

    /// <summary>How large the result may be.</summary>
    protected abstract Extent Result(in Extent range, in Extent body);

    /// <summary>Whether the element passes the filter; a failure ends the comprehension.</summary>
    protected CelValue Passes(ref Frame frame)
    {
        if (Parts.Filter is null) return CelValue.True;
        return Bool(Parts.Filter.Evaluate(ref frame));
    }

    protected CelValue Bool(in CelValue value) =>
        value.Kind == CelKind.Bool || !value.IsValue ? value : CelValue.Fail($"no such overload: {value.TypeName} where bool is needed", Parts.Offset);
}

/// <summary><c>all</c> and <c>exists</c>: errors count only when no element decides.</summary>
internal sealed class QuantifierNode(ComprehensionParts parts, bool all) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        var result = CelValue.From(all);
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            var value = Parts.Body.Evaluate(ref frame);
            if (value.Kind != CelKind.Bool) result = Undecided.Worse(result, value, Parts.Offset);
            else if (value.IsTrue != all) return value;
        }
        return result;
    }

    protected override Extent Result(in Extent range, in Extent body) => Extent.Scalar;
}

internal sealed class ExistsOneNode(ComprehensionParts parts) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            var value = Bool(Parts.Body.Evaluate(ref frame));
            if (!value.IsValue) return value;
            if (value.IsTrue) found++;
        }
        return CelValue.From(found == 1);
    }

    protected override Extent Result(in Extent range, in Extent body) => Extent.Scalar;
}

/// <summary><c>filter</c>: the elements, or the keys of a map, that pass.</summary>
internal sealed class FilterNode(ComprehensionParts parts) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        var kept = new List<CelValue>();
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            var element = frame.Locals[Parts.First];
            var value = Bool(Parts.Body.Evaluate(ref frame));
            if (!value.IsValue) return value;
            if (value.IsTrue) kept.Add(element);
        }
        return CelValue.From(new CelList(kept.ToArray()));
    }

    protected override Extent Result(in Extent range, in Extent body) => range;
}

/// <summary><c>map</c> and <c>transformList</c>.</summary>
internal sealed class MapElementsNode(ComprehensionParts parts) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        var results = new List<CelValue>();
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            var passes = Passes(ref frame);
            if (!passes.IsValue) return passes;
            if (passes.IsFalse) continue;
            var value = Parts.Body.Evaluate(ref frame);
            if (!value.IsValue) return value;
            results.Add(value);
        }
        return CelValue.From(new CelList(results.ToArray()));
    }

    protected override Extent Result(in Extent range, in Extent body) => new(range.Count, Cost.Product(range.Count, 1 + body.Weight), body.Weight);
}

/// <summary><c>transformMap</c>, and <c>transformMapEntry</c> whose body gives whole entries.</summary>
internal sealed class TransformMapNode(ComprehensionParts parts, bool entries) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        var (keys, values) = (new List<CelValue>(), new List<CelValue>());
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            var key = frame.Locals[Parts.First];
            var passes = Passes(ref frame);
            if (!passes.IsValue) return passes;
            if (passes.IsFalse) continue;
            var value = Parts.Body.Evaluate(ref frame);
            if (!value.IsValue) return value;
            if (!entries)
            {
                keys.Add(key);
                values.Add(value);
            }
            else if (value.Kind == CelKind.Map)
            {
                frame.ChargeFor(value);
                keys.AddRange(value.AsMap.Keys);
                values.AddRange(value.AsMap.Values);
            }
            else
            {
                return CelValue.Fail($"transformMapEntry needs a map, not {value.TypeName}", Parts.Offset);
            }
        }
        return CelMap.TryCreate(keys.ToArray(), values.ToArray(), out var map) is { } problem ? CelValue.Fail(problem, Parts.Offset) : CelValue.From(map!);
    }

    // Each round adds a key and a value, or a whole map.
    protected override Extent Result(in Extent range, in Extent body)
    {
        var entry = entries ? body.Weight : Cost.Sum(2, range.Element, body.Weight);
        return new(entries ? Cost.Product(range.Count, body.Count) : range.Count, Cost.Product(range.Count, entry), entries ? body.Element : Math.Max(range.Element, body.Weight));
    }

    protected override long CostOf(in Extent body) => entries ? body.Weight : 0;
}

/// <summary><c>sortBy</c>: the elements in the order of a key.</summary>
internal sealed class SortByNode(ComprehensionParts parts) : ComprehensionNode(parts)
{
    public override CelValue Evaluate(ref Frame frame)
    {
        if (!TryOpen(ref frame, out var range, out var count)) return range;
        if (range.Kind != CelKind.List) return CelValue.Fail($"no such overload: {range.TypeName}.sortBy", Parts.Offset);
        var sortKeys = new CelValue[count];
        for (var i = 0; i < count; i++)
        {
            Visit(ref frame, range, i);
            sortKeys[i] = Parts.Body.Evaluate(ref frame);
            if (!sortKeys[i].IsValue) return sortKeys[i];
        }
        frame.Charge(CelOverload.EffortOfSorting(Extent.SumOf(sortKeys)));
        var sorted = Library.ListsLibrary.Sort(range.AsList, sortKeys);
        return sorted.IsError ? sorted.At(Parts.Offset) : sorted;
    }

    protected override Extent Result(in Extent range, in Extent body) => range;

    protected override long CostAfter(in Extent range, in Extent body) => CelOverload.EffortOfSorting(Cost.Product(range.Count, 1 + body.Weight));
}
