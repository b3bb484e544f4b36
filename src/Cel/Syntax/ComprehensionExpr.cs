namespace Castellan.Cel.Syntax;

/// <summary>Which macro a comprehension comes from.</summary>
internal enum ComprehensionKind
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformMap,
    TransformMapEntry,
    SortBy,
    OptionalMap,
    OptionalFlatMap,
}

/// <summary>A macro that runs a body for each element of a range (or, for optionals, for the value if there is one).</summary>
internal sealed class ComprehensionExpr(int offset, ComprehensionKind kind, Expr range, Expr? filter, Expr body)
    : Expr(offset, Above([range, filter, body]))
{
    public ComprehensionKind Kind { get; } = kind;

    public Expr Range { get; } = range;

    public Expr? Filter { get; } = filter;

    public Expr Body { get; } = body;

    /// <summary>The variable; with two, the index or key.</summary>
    public required string First { get; init; }

    /// <summary>The second variable: the element or value.</summary>
    public string? Second { get; init; }
}

/// <summary><c>cel.bind(name, value, body)</c>.</summary>
internal sealed class BindExpr(int offset, string name, Expr value, Expr body) : Expr(offset, Above([value, body]))
{
    public string Name { get; } = name;

    public Expr Value { get; } = value;

    public Expr Body { get; } = body;
}

/// <summary><c>cel.block([…], body)</c>: the body and later items refer to items by number.</summary>
internal sealed class BlockExpr(int offset, IReadOnlyList<Expr> items, Expr body) : Expr(offset, Above([.. items, body]))
{
    public IReadOnlyList<Expr> Items { get; } = items;

    public Expr Body { get; } = body;
}
