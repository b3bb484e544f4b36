using Castellan.Cel.Evaluation;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Compilation;

/// <summary>Lists, maps and comprehensions.</summary>
internal sealed partial class Compiler
{
    private Checked CheckList(ListExpr list)
    {
        CelType? element = null;
        var items = new ItemNode[list.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = new ItemNode(null, CheckItem(list.Items[i], ref element), list.Items[i].IsOptional);
        }
        var type = CelType.List(unifier.Resolve(element ?? unifier.Fresh()));
        return new(type, Folded(new ListNode(items, list.Offset), items));
    }

    private Checked CheckMap(MapExpr map)
    {
        CelType? key = null;
        CelType? value = null;
        var items = new ItemNode[map.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var itemKey = Check(map.Items[i].Key!);
            key = unifier.Join(key, itemKey.Type);
            items[i] = new ItemNode(itemKey.Node, CheckItem(map.Items[i], ref value), map.Items[i].IsOptional);
        }
        var type = CelType.Map(unifier.Resolve(key ?? unifier.Fresh()), unifier.Resolve(value ?? unifier.Fresh()));
        return new(type, Folded(new MapNode(items, map.Offset), items));
    }

    private Node CheckItem(ItemExpr item, ref CelType? type)
    {
        var value = Check(item.Value);
        var valueType = unifier.Resolve(value.Type);
        if (item.IsOptional)
        {
            var inner = unifier.Fresh();
            if (!unifier.Fit(valueType, CelType.Optional(inner)))
            {
                Fault(item.Offset, $"a value after ? must be optional, not {Show(valueType)}", "wrap it in optional.of(), or leave the ? out");
            }
            valueType = unifier.Resolve(inner);
        }
        type = unifier.Join(type, valueType);
        return value.Node;
    }

    /// <summary>A literal of constants is made once, not at each evaluation.</summary>
    private static Node Folded(Node node, ItemNode[] items)
    {
        if (items.Any(i => i.IsOptional || i.Value is not ConstantNode || i.Key is not (null or ConstantNode))) return node;
        var frame = new Frame([], [], long.MaxValue, CancellationToken.None);
        var value = node.Evaluate(ref frame);
        return value.IsValue ? new ConstantNode(value) : node;
    }

    private Checked CheckComprehension(ComprehensionExpr expression)
    {
        var range = Check(expression.Range);
        var type = unifier.Resolve(range.Type);
        if (expression.Kind is ComprehensionKind.OptionalMap or ComprehensionKind.OptionalFlatMap) return CheckOptionalMap(expression, range.Node, type);

        var (keyType, elementType) = IterationTypes(expression, type);
        var outer = scope;
        var first = Declare(expression.First, expression.Second is null && type.Kind != CelTypeKind.Map ? elementType : keyType);
        var second = expression.Second is null ? null : Declare(expression.Second, elementType);
        var filter = expression.Filter is null ? (Checked?)null : Check(expression.Filter);
        if (filter is { } condition) RequireBool(condition, expression.Filter!, "the filter must be");
        var body = Check(expression.Body);
        scope = outer;
        var parts = new ComprehensionParts(range.Node, filter?.Node, body.Node, first.Slot, second?.Slot ?? -1, expression.Offset);
        return Comprehension(expression, parts, body, (keyType, first.Type));
    }

    private Checked Comprehension(ComprehensionExpr expression, ComprehensionParts parts, Checked body, (CelType Key, CelType First) types)
    {
        switch (expression.Kind)
        {
            case ComprehensionKind.Map:
                return new(CelType.List(unifier.Resolve(body.Type)), new MapElementsNode(parts));
            case ComprehensionKind.TransformMap:
                return new(CelType.Map(types.Key, unifier.Resolve(body.Type)), new TransformMapNode(parts, entries: false));
            case ComprehensionKind.TransformMapEntry:
                var map = CelType.Map(unifier.Fresh(), unifier.Fresh());
                if (!unifier.Fit(body.Type, map)) Fault(expression.Body.Offset, $"transformMapEntry needs a map, not {Show(body.Type)}", "write {key: value}");
                return new(unifier.Resolve(map), new TransformMapNode(parts, entries: true));
            case ComprehensionKind.SortBy:
                return new(CelType.List(types.First), new SortByNode(parts));
        }
        RequireBool(body, expression.Body, "the condition must be");
        return expression.Kind switch
        {
            ComprehensionKind.Filter => new(CelType.List(types.First), new FilterNode(parts)),
            ComprehensionKind.ExistsOne => new(CelType.Bool, new ExistsOneNode(parts)),
            _ => new(CelType.Bool, new QuantifierNode(parts, expression.Kind == ComprehensionKind.All)),
        };
    }

    private (CelType Key, CelType Element) IterationTypes(ComprehensionExpr expression, CelType range)
    {
        switch (range.Kind)
        {
            case CelTypeKind.List:
                return (CelType.Int, range.Parameters[0]);
            case CelTypeKind.Map:
                return (range.Parameters[0], range.Parameters[1]);
            case CelTypeKind.Dyn or CelTypeKind.Parameter:
                return (CelType.Dyn, CelType.Dyn);
            default:
                Fault(expression.Offset, $"{Show(range)} has no elements to visit", "use a list or a map");
                return (CelType.Dyn, CelType.Dyn);
        }
    }

    private Checked CheckOptionalMap(ComprehensionExpr expression, Node range, CelType type)
    {
        var inner = unifier.Fresh();
        if (!unifier.Fit(type, CelType.Optional(inner))) Fault(expression.Offset, $"{Show(type)} is not optional", "use it on the result of .? or optional.of()");
        var outer = scope;
        var local = Declare(expression.First, inner);
        var body = Check(expression.Body);
        scope = outer;
        var flat = expression.Kind == ComprehensionKind.OptionalFlatMap;
        var result = CelType.Optional(flat ? unifier.Fresh() : unifier.Resolve(body.Type));
        if (flat && !unifier.Fit(body.Type, result)) Fault(expression.Body.Offset, $"optFlatMap needs an optional, not {Show(body.Type)}", "use optMap");
        return new(unifier.Resolve(result), new OptionalMapNode(range, local.Slot, body.Node, flat));
    }
}
