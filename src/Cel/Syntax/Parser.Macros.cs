namespace Castellan.Cel.Syntax;

/// <summary>Macros: calls that are rewritten before anything is looked up.</summary>
internal sealed partial class Parser
{
    private Expr? ExpandGlobal(int offset, string name, List<Expr> arguments)
    {
        if (name != "has" || arguments.Count != 1) return null;
        return arguments[0] is SelectExpr { Mode: SelectMode.Value } select
            ? new SelectExpr(select.Offset, select.Operand, select.Field, SelectMode.Presence)
            : throw Wrong(offset, "has() takes a field selection", "write has(a.b)");
    }

    private Expr? ExpandMember(int offset, string name, Expr target, List<Expr> arguments) => (name, arguments.Count) switch
    {
        ("all", 2 or 3) => Comprehension(offset, ComprehensionKind.All, target, arguments),
        ("exists", 2 or 3) => Comprehension(offset, ComprehensionKind.Exists, target, arguments),
        ("exists_one" or "existsOne", 2 or 3) => Comprehension(offset, ComprehensionKind.ExistsOne, target, arguments),
        ("filter", 2) => Comprehension(offset, ComprehensionKind.Filter, target, arguments),
        ("map", 2) => Comprehension(offset, ComprehensionKind.Map, target, arguments),
        ("map", 3) => Comprehension(offset, ComprehensionKind.Map, target, arguments, variables: 1),
        ("transformList", 3 or 4) => Comprehension(offset, ComprehensionKind.Map, target, arguments, variables: 2),
        ("transformMap", 3 or 4) => Comprehension(offset, ComprehensionKind.TransformMap, target, arguments, variables: 2),
        ("transformMapEntry", 3 or 4) => Comprehension(offset, ComprehensionKind.TransformMapEntry, target, arguments, variables: 2),
        ("sortBy", 2) => Comprehension(offset, ComprehensionKind.SortBy, target, arguments),
        ("optMap", 2) => Comprehension(offset, ComprehensionKind.OptionalMap, target, arguments),
        ("optFlatMap", 2) => Comprehension(offset, ComprehensionKind.OptionalFlatMap, target, arguments),
        _ => target is IdentExpr { Rooted: false } space ? ExpandNamespaced(offset, space.Name, name, arguments) : null,
    };

    private Expr? ExpandNamespaced(int offset, string space, string name, List<Expr> arguments) => (space, name, arguments.Count) switch
    {
        ("cel", "bind", 3) => new BindExpr(offset, Variable(arguments[0]), arguments[1], arguments[2]),
        ("cel", "block", 2) => arguments[0] is ListExpr items
            ? new BlockExpr(offset, [.. items.Items.Select(i => i.Value)], arguments[1])
            : throw Wrong(offset, "cel.block() takes a list literal", "write cel.block([…], …)"),
        ("cel", "index", 1) => new IdentExpr(offset, $"@index{Number(arguments[0])}", false),
        ("cel", "iterVar", 2) => new IdentExpr(offset, $"@it:{Number(arguments[0])}:{Number(arguments[1])}", false),
        ("math", "greatest" or "least", > 2) => new CallExpr(offset, name, new IdentExpr(offset, space, false),
            [Built(new ListExpr(offset, [.. arguments.Select(a => new ItemExpr(null, a, false))]))]),
        _ => null,
    };

    private ComprehensionExpr Comprehension(int offset, ComprehensionKind kind, Expr range, List<Expr> arguments, int variables = 0)
    {
        if (variables == 0) variables = arguments.Count - 1;
        var first = Variable(arguments[0]);
        var second = variables == 2 ? Variable(arguments[1]) : null;
        if (first == second) throw Wrong(arguments[1].Offset, $"the variable '{first}' is named twice", "give the variables different names");
        var filter = arguments.Count == variables + 2 ? arguments[^2] : null;
        return new ComprehensionExpr(offset, kind, range, filter, arguments[^1]) { First = first, Second = second };
    }

    private string Variable(Expr expression) => expression is IdentExpr { Rooted: false } ident
        ? ident.Name
        : throw Wrong(expression.Offset, "the argument is no simple name", "write a name for the variable here");

    private long Number(Expr expression) => expression is LiteralExpr { Value.Kind: CelKind.Int } literal && literal.Value.AsInt >= 0
        ? literal.Value.AsInt
        : throw Wrong(expression.Offset, "the argument is no number", "write an integer from 0 here");
}
