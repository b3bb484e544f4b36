using System.Collections.Frozen;
using Castellan.Cel.Evaluation;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Compilation;

/// <summary>Checks an expression against its environment and builds the nodes that evaluate it, in one walk.</summary>
/// <remarks>Unchecked, what is wrong becomes an error of the evaluation instead of a fault, as the specification's parse-only mode asks.</remarks>
internal sealed partial class Compiler(CelEnvironment environment, string source, bool isChecked)
{
    private readonly TypeUnifier unifier = new();
    private readonly List<CelFault> faults = [];
    private readonly HashSet<string> variables = [];
    private Local? scope;
    private int locals;

    /// <summary>Checks and plans.</summary>
    /// <exception cref="CelCompileException">The expression does not fit its environment.</exception>
    public static CelProgram Compile(CelEnvironment environment, string source, CelType? wanted, bool isChecked)
    {
        var expression = Parser.Parse(source, environment.ParseLimits);
        var compiler = new Compiler(environment, source, isChecked);
        var result = compiler.Check(expression);
        var type = compiler.unifier.Resolve(result.Type, final: true);
        if (wanted is not null && isChecked && compiler.faults.Count == 0 && !compiler.unifier.Fit(type, wanted))
        {
            compiler.Fault(expression.Offset, $"the expression gives {type}", $"it must give {wanted}");
        }
        if (compiler.faults.Count > 0)
        {
            throw new CelCompileException([.. compiler.faults.OrderBy(f => f.Line).ThenBy(f => f.Column).Distinct()]);
        }
        var plan = new Plan(result.Node, compiler.locals);
        if (plan.Cost > environment.ParseLimits.Cost)
        {
            throw new CelCompileException([CelFault.At(source, expression.Offset, $"the expression may cost {plan.Cost} for lists of 100 elements and texts of 1,000 characters, more than {environment.ParseLimits.Cost}", "nest fewer loops, or ask for less in the innermost one")]);
        }
        return new CelProgram(environment, source, type, plan) { Variables = compiler.variables.ToFrozenSet(StringComparer.Ordinal) };
    }

    private Checked Check(Expr expression) => expression switch
    {
        LiteralExpr literal => new(literal.Value.RuntimeType, new ConstantNode(literal.Value)),
        IdentExpr ident => CheckIdent(ident),
        SelectExpr select => CheckSelect(select),
        CallExpr call => CheckCall(call),
        LogicalExpr logical => CheckLogical(logical),
        ConditionalExpr conditional => CheckConditional(conditional),
        ListExpr list => CheckList(list),
        MapExpr map => CheckMap(map),
        MessageExpr message => CheckMessage(message),
        ComprehensionExpr comprehension => CheckComprehension(comprehension),
        BindExpr bind => CheckBind(bind),
        BlockExpr block => CheckBlock(block),
        _ => throw new InvalidOperationException($"no rule for {expression.GetType().Name}"),
    };

    private Checked CheckLogical(LogicalExpr logical)
    {
        var terms = new Node[logical.Terms.Count];
        for (var i = 0; i < terms.Length; i++)
        {
            var term = Check(logical.Terms[i]);
            RequireBool(term, logical.Terms[i], $"{(logical.IsAnd ? "&&" : "||")} joins");
            terms[i] = term.Node;
        }
        return new(CelType.Bool, logical.IsAnd ? new AndNode(terms, logical.Offset) : new OrNode(terms, logical.Offset));
    }

    private Checked CheckConditional(ConditionalExpr conditional)
    {
        var condition = Check(conditional.Condition);
        RequireBool(condition, conditional.Condition, "the condition of ?: must be");
        var (yes, no) = (Check(conditional.Yes), Check(conditional.No));
        var type = unifier.Fresh();
        if (!unifier.Fit([yes.Type, no.Type], [type, type]))
        {
            Fault(conditional.Offset, $"the branches of ?: give {Show(yes.Type)} and {Show(no.Type)}", "give both one type, or wrap them in dyn()");
            type = CelType.Dyn;
        }
        return new(unifier.Resolve(type), new ConditionalNode(condition.Node, yes.Node, no.Node, conditional.Offset));
    }

    private Checked CheckBind(BindExpr bind)
    {
        var value = Check(bind.Value);
        var local = Declare(bind.Name, value.Type);
        var body = Check(bind.Body);
        scope = local.Outer;
        return new(body.Type, new BindNode(local.Slot, value.Node, body.Node));
    }

    private Checked CheckBlock(BlockExpr block)
    {
        var outer = scope;
        var values = new Node[block.Items.Count];
        var first = locals;
        var slots = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Check(block.Items[i]);
            values[i] = value.Node;
            slots[i] = Declare($"@index{i}", value.Type).Slot;
        }
        var body = Check(block.Body);
        scope = outer;
        return new(body.Type, new BlockNode(slots, values, body.Node));
    }

    private Local Declare(string name, CelType type) => scope = new Local(name, locals++, unifier.Resolve(type), scope);

    private void RequireBool(in Checked term, Expr at, string rule)
    {
        if (!unifier.Fit(term.Type, CelType.Bool)) Fault(at.Offset, $"{rule} bool, not {Show(term.Type)}", "compare it, for example with ==");
    }

    /// <summary>Reports what is wrong; nothing when the expression is not checked.</summary>
    private void Fault(int offset, string message, string? remedy = null)
    {
        if (isChecked) faults.Add(CelFault.At(source, offset, message, remedy));
    }

    /// <summary>Reports what is wrong; unchecked, the evaluation fails there.</summary>
    private Checked Wrong(int offset, string message, string? remedy = null)
    {
        Fault(offset, message, remedy);
        return new(CelType.Dyn, new ConstantNode(CelValue.Fail(message, offset)));
    }

    private string Show(CelType type) => unifier.Resolve(type, final: true).ToString();
}
