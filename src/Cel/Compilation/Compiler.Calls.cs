using System.Collections.Immutable;
using Castellan.Cel.Evaluation;
using Castellan.Cel.Library;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Compilation;

/// <summary>Operators and function calls.</summary>
internal sealed partial class Compiler
{
    private static readonly HashSet<string> FoldedFunctions = ["timestamp", "duration", "ip", "cidr"];

    private Checked CheckCall(CallExpr call)
    {
        if (OperatorTypes.TryGet(call.Function, out var forms)) return CheckOperator(call, forms);
        if (call.Target is null) return CheckFunction(call, environment.FindFunction(call.Function), call.Function, null);
        if (QualifiedName(call.Target) is { } space)
        {
            var name = $"{space.Text}.{call.Function}";
            foreach (var candidate in environment.Candidates(name, space.Rooted))
            {
                if (environment.FindFunction(candidate) is { } namespaced) return CheckFunction(call, namespaced, name, null);
            }
        }
        return CheckFunction(call, environment.FindFunction(call.Function), call.Function, call.Target);
    }

    private Checked CheckOperator(CallExpr call, ImmutableArray<OperatorForm> forms)
    {
        var arguments = CheckArguments(null, call.Arguments);
        var type = Resolve(arguments, forms, out _);
        if (type is null)
        {
            var types = arguments.Select(a => Show(a.Type)).ToList();
            var written = Operators.Written(call.Function);
            Fault(call.Offset, types.Count == 1 ? $"'{written}' does not apply to {types[0]}" : $"'{written}' does not apply to {types[0]} and {types[1]}",
                "convert one of them, for example with int(), string() or dyn()");
            type = forms[0].Result.Parameters.Length == 0 ? forms[0].Result : CelType.Dyn;
            if (forms.Any(f => !f.Result.Equals(type))) type = CelType.Dyn;
        }
        return new(type, OperatorNodes.Create(call.Function, [.. arguments.Select(a => a.Node)], call.Offset));
    }

    private List<Checked> CheckArguments(Expr? target, IReadOnlyList<Expr> arguments)
    {
        var result = new List<Checked>(arguments.Count + 1);
        if (target is not null) result.Add(Check(target));
        foreach (var argument in arguments) result.Add(Check(argument));
        return result;
    }

    private Checked CheckFunction(CallExpr call, ImmutableArray<CelOverload>? found, string name, Expr? target)
    {
        var arguments = CheckArguments(target, call.Arguments);
        if (found is not { } overloads)
        {
            return Wrong(call.Offset, $"unknown function '{name}'", Suggestion.For(name, environment.FunctionNames));
        }
        var style = overloads.Where(o => o.IsMember == target is not null).ToImmutableArray();
        var type = Resolve(arguments, [.. style.Select(o => new OperatorForm(o.Parameters, o.Result))], out var matching);
        if (type is null)
        {
            Fault(call.Offset, $"{Written(name, target is not null, arguments.Select(a => Show(a.Type)))} does not exist", Forms(overloads));
            (type, matching) = (CelType.Dyn, [.. Enumerable.Range(0, style.Length)]);
        }
        var nodes = arguments.Select(a => a.Node).ToArray();
        return new(type, FunctionNode(name, nodes, [.. matching.Select(m => style[m])], call.Offset));
    }

    private Node FunctionNode(string name, Node[] nodes, CelOverload[] overloads, int offset)
    {
        if (name is "or" or "orValue" && nodes.Length == 2) return new OptionalElseNode(nodes[0], nodes[1], name == "orValue", offset);
        if (name == "matches" && nodes is [_, ConstantNode { Value.Kind: CelKind.String } pattern])
        {
            var (regex, problem) = Patterns.Compile(pattern.Value.Text);
            if (regex is not null) return new MatchesNode(nodes[0], regex, offset);
            Fault(offset, problem!);
        }
        var call = new CallNode(name, nodes, overloads, offset);
        if (!FoldedFunctions.Contains(name) || nodes.Any(n => n is not ConstantNode)) return call;
        var frame = new Frame([], [], long.MaxValue, CancellationToken.None);
        var value = call.Evaluate(ref frame);
        return value.IsValue ? new ConstantNode(value) : call;
    }

    /// <summary>Finds the forms that the arguments fit, and the type of the result; more than one form only when types are dynamic.</summary>
    private CelType? Resolve(List<Checked> arguments, ImmutableArray<OperatorForm> forms, out List<int> matching)
    {
        CelType? result = null;
        matching = [];
        var actual = arguments.Select(a => a.Type).ToArray();
        for (var i = 0; i < forms.Length; i++)
        {
            if (forms[i].Parameters.Length != actual.Length) continue;
            var form = unifier.Instantiate([.. forms[i].Parameters, forms[i].Result]);
            if (!unifier.Fit(actual, form.AsSpan(0, actual.Length))) continue;
            matching.Add(i);
            var type = unifier.Resolve(form[^1]);
            result = result is null || result.Equals(type) ? type : CelType.Dyn;
        }
        return result;
    }

    private static string Forms(ImmutableArray<CelOverload> overloads) =>
        $"the forms are {string.Join(", ", overloads.Take(8).Select(o => Written(o.Name, o.IsMember, o.Parameters.Select(p => p.ToString()))).Distinct())}";

    private static string Written(string name, bool isMember, IEnumerable<string> types)
    {
        var all = types.ToList();
        return isMember ? $"{all[0]}.{name}({string.Join(", ", all.Skip(1))})" : $"{name}({string.Join(", ", all)})";
    }
}
