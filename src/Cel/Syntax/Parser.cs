namespace Castellan.Cel.Syntax;

/// <summary>Parses an expression by recursive descent; macros are expanded on the way.</summary>
/// <remarks>
/// Both the recursion of the parser and the height of the tree are bounded, so hostile input ends in a fault, never in a stack overflow.
/// Source: cel-spec, doc/langdef.md, "Syntax".
/// </remarks>
internal sealed partial class Parser
{
    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    ];

    private readonly string source;
    private readonly CelParseLimits limits;
    private readonly List<Token> tokens;
    private int at;
    private int depth;

    private Parser(string source, CelParseLimits limits)
    {
        this.source = source;
        this.limits = limits;
        tokens = new Lexer(source).Read();
    }

    private Token Current => tokens[at];

    /// <summary>Parses a whole expression.</summary>
    /// <exception cref="CelCompileException">The text is no expression, is too long or too deep.</exception>
    public static Expr Parse(string source, CelParseLimits limits)
    {
        if (source.Length > limits.Length)
        {
            throw new CelCompileException([new CelFault(1, 1, $"the expression has {source.Length} characters", $"at most {limits.Length} are allowed")]);
        }
        var parser = new Parser(source, limits);
        var expression = parser.Expression();
        if (parser.Current.Kind != TokenKind.End) throw parser.Unexpected("an operator or the end");
        return expression;
    }

    private Expr Expression()
    {
        if (++depth > limits.Depth) throw Wrong(Current.Offset, "the expression is nested too deeply", $"at most {limits.Depth} levels are allowed");
        var condition = Logical(isAnd: false);
        if (Current.Kind == TokenKind.Question)
        {
            var offset = Take().Offset;
            var yes = Logical(isAnd: false);
            Expect(TokenKind.Colon, "':'");
            condition = Built(new ConditionalExpr(offset, condition, yes, Expression()));
        }
        depth--;
        return condition;
    }

    private Expr Logical(bool isAnd)
    {
        var first = isAnd ? Relation() : Logical(isAnd: true);
        var mark = isAnd ? TokenKind.And : TokenKind.Or;
        if (Current.Kind != mark) return first;
        var offset = Current.Offset;
        var terms = new List<Expr> { first };
        while (Current.Kind == mark)
        {
            at++;
            terms.Add(isAnd ? Relation() : Logical(isAnd: true));
        }
        return Built(new LogicalExpr(offset, isAnd, terms));
    }

    private Expr Relation()
    {
        var left = Sum();
        while (RelationName(Current.Kind) is { } name)
        {
            var offset = Take().Offset;
            left = Built(new CallExpr(offset, name, null, [left, Sum()]));
        }
        return left;
    }

    private Expr Sum()
    {
        var left = Product();
        while (Current.Kind is TokenKind.Plus or TokenKind.Minus)
        {
            var sign = Take();
            left = Built(new CallExpr(sign.Offset, sign.Kind == TokenKind.Plus ? Operators.Add : Operators.Subtract, null, [left, Product()]));
        }
        return left;
    }

    private Expr Product()
    {
        var left = Unary();
        while (Current.Kind is TokenKind.Star or TokenKind.Slash or TokenKind.Percent)
        {
            var sign = Take();
            var name = sign.Kind switch
            {
                TokenKind.Star => Operators.Multiply,
                TokenKind.Slash => Operators.Divide,
                _ => Operators.Modulo,
            };
            left = Built(new CallExpr(sign.Offset, name, null, [left, Unary()]));
        }
        return left;
    }

    private Expr Unary()
    {
        var signs = new List<Token>();
        while (Current.Kind is TokenKind.Not or TokenKind.Minus)
        {
            if (signs.Count > 0 && signs[0].Kind != Current.Kind) break;
            signs.Add(Take());
        }
        if (signs.Count == 0) return Member();
        var negative = signs[0].Kind == TokenKind.Minus && IsNumber(Current);
        if (negative) signs.RemoveAt(signs.Count - 1);
        var operand = Member(negative);
        for (var i = signs.Count - 1; i >= 0; i--)
        {
            operand = Built(new CallExpr(signs[i].Offset, signs[i].Kind == TokenKind.Not ? Operators.Not : Operators.Negate, null, [operand]));
        }
        return operand;
    }

    private Expr Member(bool negative = false)
    {
        var operand = Primary(negative);
        while (true)
        {
            switch (Current.Kind)
            {
                case TokenKind.Dot:
                    operand = Built(AfterDot(operand));
                    break;
                case TokenKind.LeftBracket:
                    var offset = Take().Offset;
                    var name = Accept(TokenKind.Question) ? Operators.OptionalIndex : Operators.Index;
                    var index = Expression();
                    Expect(TokenKind.RightBracket, "']'");
                    operand = Built(new CallExpr(offset, name, null, [operand, index]));
                    break;
                default:
                    return operand;
            }
        }
    }

    private Expr AfterDot(Expr operand)
    {
        at++;
        var optional = Accept(TokenKind.Question);
        var name = Current;
        if (name.Kind is not (TokenKind.Identifier or TokenKind.QuotedIdentifier)) throw Unexpected("a field or function name");
        at++;
        if (Current.Kind == TokenKind.LeftBrace && !optional && TypeName(operand) is { } prefix)
        {
            return Message(name.Offset, $"{prefix.Name}.{name.Text}", prefix.Rooted);
        }
        if (optional || name.Kind == TokenKind.QuotedIdentifier || Current.Kind != TokenKind.LeftParen)
        {
            return new SelectExpr(name.Offset, operand, name.Text, optional ? SelectMode.Optional : SelectMode.Value);
        }
        var arguments = Arguments();
        return ExpandMember(name.Offset, name.Text, operand, arguments) ?? new CallExpr(name.Offset, name.Text, operand, arguments);
    }

    private Expr Primary(bool negative)
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.LeftParen:
                at++;
                var inner = Expression();
                Expect(TokenKind.RightParen, "')'");
                return inner;
            case TokenKind.LeftBracket:
                at++;
                return Built(new ListExpr(token.Offset, Items(TokenKind.RightBracket, "']'", Element)));
            case TokenKind.LeftBrace:
                at++;
                return Built(new MapExpr(token.Offset, Items(TokenKind.RightBrace, "'}'", Entry)));
            case TokenKind.Literal:
                at++;
                return new LiteralExpr(token.Offset, negative ? Negative(token) : token.Value);
            case TokenKind.Int:
                at++;
                return new LiteralExpr(token.Offset, Integer(token, negative));
            case TokenKind.Dot or TokenKind.Identifier:
                return Name();
            default:
                throw Unexpected("a value");
        }
    }

    private Expr Name()
    {
        var rooted = Accept(TokenKind.Dot);
        var name = Current;
        if (name.Kind != TokenKind.Identifier) throw Unexpected("a name");
        at++;
        if (Reserved.Contains(name.Text)) throw Wrong(name.Offset, $"'{name.Text}' is a reserved word", "choose another name");
        if (Current.Kind == TokenKind.LeftParen)
        {
            var arguments = Arguments();
            return (rooted ? null : ExpandGlobal(name.Offset, name.Text, arguments))
                ?? Built(new CallExpr(name.Offset, name.Text, null, arguments));
        }
        return Current.Kind == TokenKind.LeftBrace
            ? Built(Message(name.Offset, name.Text, rooted))
            : new IdentExpr(name.Offset, name.Text, rooted);
    }
}
