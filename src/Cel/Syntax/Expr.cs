namespace Castellan.Cel.Syntax;

/// <summary>A node of the syntax tree.</summary>
/// <param name="offset">Where it is in the source; for a selection or call, where the name is.</param>
/// <param name="depth">Height of the tree below, counting this node: bounded, so that walking it cannot overflow the stack.</param>
internal abstract class Expr(int offset, int depth)
{
    public int Offset { get; } = offset;

    public int Depth { get; } = depth;

    protected static int Above(IEnumerable<Expr?> children)
    {
        var highest = 0;
        foreach (var child in children) highest = Math.Max(highest, child?.Depth ?? 0);
        return highest + 1;
    }
}

/// <summary>A literal.</summary>
internal sealed class LiteralExpr(int offset, CelValue value) : Expr(offset, 1)
{
    public CelValue Value { get; } = value;
}

/// <summary>A name; <paramref name="rooted"/> when written with a leading dot.</summary>
internal sealed class IdentExpr(int offset, string name, bool rooted) : Expr(offset, 1)
{
    public string Name { get; } = name;

    public bool Rooted { get; } = rooted;
}

/// <summary>How a field is read.</summary>
internal enum SelectMode
{
    Value,
    Presence,
    Optional,
}

/// <summary><c>operand.field</c>, <c>has(operand.field)</c> or <c>operand.?field</c>.</summary>
internal sealed class SelectExpr(int offset, Expr operand, string field, SelectMode mode) : Expr(offset, Above([operand]))
{
    public Expr Operand { get; } = operand;

    public string Field { get; } = field;

    public SelectMode Mode { get; } = mode;
}

/// <summary>A call of a function, or an operator by its name in the specification (<c>_+_</c>).</summary>
internal sealed class CallExpr(int offset, string function, Expr? target, IReadOnlyList<Expr> arguments)
    : Expr(offset, Above([target, .. arguments]))
{
    public string Function { get; } = function;

    public Expr? Target { get; } = target;

    public IReadOnlyList<Expr> Arguments { get; } = arguments;
}

/// <summary>Two or more terms joined by &amp;&amp; or by ||; flat, so that long chains stay shallow.</summary>
internal sealed class LogicalExpr(int offset, bool isAnd, IReadOnlyList<Expr> terms) : Expr(offset, Above(terms))
{
    public bool IsAnd { get; } = isAnd;

    public IReadOnlyList<Expr> Terms { get; } = terms;
}

/// <summary><c>condition ? yes : no</c>.</summary>
internal sealed class ConditionalExpr(int offset, Expr condition, Expr yes, Expr no) : Expr(offset, Above([condition, yes, no]))
{
    public Expr Condition { get; } = condition;

    public Expr Yes { get; } = yes;

    public Expr No { get; } = no;
}

/// <summary>An element, a map entry or a message field; left out when <paramref name="IsOptional"/> and the value is an empty optional.</summary>
internal sealed record ItemExpr(Expr? Key, Expr Value, bool IsOptional, string? Name = null, int Offset = 0);

/// <summary>A list literal.</summary>
internal sealed class ListExpr(int offset, IReadOnlyList<ItemExpr> items) : Expr(offset, Above(items.Select(i => i.Value)))
{
    public IReadOnlyList<ItemExpr> Items { get; } = items;
}

/// <summary>A map literal.</summary>
internal sealed class MapExpr(int offset, IReadOnlyList<ItemExpr> items)
    : Expr(offset, Above(items.SelectMany(i => new[] { i.Key, i.Value })))
{
    public IReadOnlyList<ItemExpr> Items { get; } = items;
}

/// <summary>A message literal: <c>type{field: value}</c>.</summary>
internal sealed class MessageExpr(int offset, string typeName, bool rooted, IReadOnlyList<ItemExpr> items)
    : Expr(offset, Above(items.Select(i => i.Value)))
{
    public string TypeName { get; } = typeName;

    public bool Rooted { get; } = rooted;

    public IReadOnlyList<ItemExpr> Items { get; } = items;
}
