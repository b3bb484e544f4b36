namespace Castellan.Cel.Syntax;

/// <summary>Lists, maps, messages, arguments and numbers; taking tokens and reporting wrong ones.</summary>
internal sealed partial class Parser
{
    private List<Expr> Arguments()
    {
        Expect(TokenKind.LeftParen, "'('");
        var arguments = new List<Expr>();
        while (Current.Kind != TokenKind.RightParen)
        {
            arguments.Add(Expression());
            if (!Accept(TokenKind.Comma)) break;
            if (Current.Kind == TokenKind.RightParen) throw Unexpected("an argument");
        }
        Expect(TokenKind.RightParen, "',' or ')'");
        return arguments;
    }

    private List<ItemExpr> Items(TokenKind end, string endText, Func<ItemExpr> read)
    {
        var items = new List<ItemExpr>();
        while (Current.Kind != end)
        {
            items.Add(read());
            if (!Accept(TokenKind.Comma)) break;
        }
        Expect(end, $"',' or {endText}");
        return items;
    }

    private ItemExpr Element()
    {
        var offset = Current.Offset;
        var optional = Accept(TokenKind.Question);
        return new ItemExpr(null, Expression(), optional, Offset: offset);
    }

    private ItemExpr Entry()
    {
        var offset = Current.Offset;
        var optional = Accept(TokenKind.Question);
        var key = Expression();
        Expect(TokenKind.Colon, "':'");
        return new ItemExpr(key, Expression(), optional, Offset: offset);
    }

    private ItemExpr Field()
    {
        var optional = Accept(TokenKind.Question);
        var name = Current;
        if (name.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier)) throw Unexpected("a field name");
        at++;
        Expect(TokenKind.Colon, "':'");
        return new ItemExpr(null, Expression(), optional, name.Text, name.Offset);
    }

    private MessageExpr Message(int offset, string typeName, bool rooted)
    {
        Expect(TokenKind.LeftBrace, "'{'");
        return new MessageExpr(offset, typeName, rooted, Items(TokenKind.RightBrace, "'}'", Field));
    }

    /// <summary>The dotted name that an expression spells, if it is nothing but a name.</summary>
    private static (string Name, bool Rooted)? TypeName(Expr expression) => expression switch
    {
        IdentExpr ident => (ident.Name, ident.Rooted),
        SelectExpr { Mode: SelectMode.Value } select when TypeName(select.Operand) is { } prefix => ($"{prefix.Name}.{select.Field}", prefix.Rooted),
        _ => null,
    };

    private static bool IsNumber(in Token token) =>
        token.Kind == TokenKind.Int || (token.Kind == TokenKind.Literal && token.Value.Kind == CelKind.Double);

    private static CelValue Negative(in Token token) => CelValue.From(-token.Value.AsDouble);

    private CelValue Integer(in Token token, bool negative)
    {
        var magnitude = token.Value.AsUint;
        if (magnitude > long.MaxValue + (negative ? 1UL : 0UL))
        {
            throw Wrong(token.Offset, $"{(negative ? "-" : "")}{token.Text} does not fit into a signed integer of 64 bits", "write a 'u' after it for an unsigned one");
        }
        return CelValue.From(negative ? unchecked(-(long)magnitude) : (long)magnitude);
    }

    private static string? RelationName(TokenKind kind) => kind switch
    {
        TokenKind.Equal => Operators.Equal,
        TokenKind.NotEqual => Operators.NotEqual,
        TokenKind.Less => Operators.Less,
        TokenKind.LessEqual => Operators.LessEqual,
        TokenKind.Greater => Operators.Greater,
        TokenKind.GreaterEqual => Operators.GreaterEqual,
        TokenKind.In => Operators.In,
        _ => null,
    };

    private Token Take() => tokens[at++];

    private bool Accept(TokenKind kind)
    {
        if (Current.Kind != kind) return false;
        at++;
        return true;
    }

    private void Expect(TokenKind kind, string what)
    {
        if (!Accept(kind)) throw Unexpected(what);
    }

    private T Built<T>(T expression)
        where T : Expr => expression.Depth <= limits.Depth
        ? expression
        : throw Wrong(expression.Offset, "the expression is nested too deeply", $"at most {limits.Depth} levels are allowed; use parentheses or split it");

    private CelCompileException Unexpected(string wanted)
    {
        var text = Current.Kind == TokenKind.End ? Current.Text : $"'{Current.Text}'";
        return Wrong(Current.Offset, $"unexpected {text}", $"{wanted} is expected here");
    }

    private CelCompileException Wrong(int offset, string message, string? remedy = null) =>
        new([CelFault.At(source, offset, message, remedy)]);
}
