using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Castellan.Cel.Compilation;
using Castellan.Cel.Library;

namespace Castellan.Cel;

/// <summary>What an expression may name: variables with their types, functions, and a namespace. Immutable.</summary>
/// <example>
/// <code>
/// var environment = CelEnvironment.Standard.WithVariable("tool", CelType.String);
/// var program = environment.Compile("tool.startsWith('get_')");
/// var value = program.Evaluate(environment.NewActivation().Set("tool", CelValue.From("get_pods")));
/// </code>
/// </example>
public sealed class CelEnvironment
{
    private readonly Dictionary<string, (int Slot, CelType Type)> variables;
    private readonly ImmutableDictionary<string, ImmutableArray<CelOverload>> functions;
    private readonly ImmutableDictionary<string, CelValue> constants;

    private CelEnvironment(
        Dictionary<string, (int Slot, CelType Type)> variables,
        ImmutableDictionary<string, ImmutableArray<CelOverload>> functions,
        ImmutableDictionary<string, CelValue> constants)
    {
        this.variables = variables;
        this.functions = functions;
        this.constants = constants;
    }

    /// <summary>The standard library and all extensions, without variables.</summary>
    public static CelEnvironment Standard { get; } = Create();

    /// <summary>Namespace in which names are looked up first, for example <c>google.protobuf</c>; empty for none.</summary>
    public string Container { get; private init; } = "";

    /// <summary>How large an expression may be.</summary>
    public CelParseLimits ParseLimits { get; private init; } = CelParseLimits.Default;

    internal int VariableCount => variables.Count;

    internal IEnumerable<string> VariableNames => variables.Keys;

    internal IEnumerable<string> FunctionNames => functions.Keys;

    /// <summary>Adds a variable, or gives it another type.</summary>
    /// <param name="name">Name; dotted names are one variable.</param>
    /// <param name="type">Type of its values.</param>
    public CelEnvironment WithVariable(string name, CelType type)
    {
        var slot = variables.TryGetValue(name, out var known) ? known.Slot : variables.Count;
        return With(new(variables) { [name] = (slot, type) }, functions);
    }

    /// <summary>Adds forms of functions.</summary>
    public CelEnvironment WithFunctions(params ReadOnlySpan<CelOverload> overloads)
    {
        var all = functions;
        foreach (var overload in overloads)
        {
            all = all.SetItem(overload.Name, all.TryGetValue(overload.Name, out var known) ? known.Add(overload) : [overload]);
        }
        return With(variables, all);
    }

    /// <summary>Looks names up in a namespace first.</summary>
    public CelEnvironment InContainer(string container) => new(variables, functions, constants) { Container = container, ParseLimits = ParseLimits };

    /// <summary>Sets how large an expression may be.</summary>
    public CelEnvironment WithParseLimits(CelParseLimits limits) => new(variables, functions, constants) { Container = Container, ParseLimits = limits };

    /// <summary>Checks an expression and makes it ready to be evaluated.</summary>
    /// <param name="expression">The text.</param>
    /// <param name="wanted">Type that it must give; any when absent.</param>
    /// <exception cref="CelCompileException">The text is no expression, or names what is not declared, or its types do not fit.</exception>
    public CelProgram Compile(string expression, CelType? wanted = null) => Compiler.Compile(this, expression, wanted, isChecked: true);

    /// <summary>As <see cref="Compile"/>, with the faults as a result instead of an exception.</summary>
    public bool TryCompile(string expression, CelType? wanted, [NotNullWhen(true)] out CelProgram? program, out IReadOnlyList<CelFault> faults)
    {
        try
        {
            (program, faults) = (Compile(expression, wanted), []);
            return true;
        }
        catch (CelCompileException e)
        {
            (program, faults) = (null, e.Faults);
            return false;
        }
    }

    /// <summary>Parses without checking types: what is wrong is an error of the evaluation, in the part that is wrong.</summary>
    /// <exception cref="CelCompileException">The text is no expression.</exception>
    public CelProgram CompileUnchecked(string expression) => Compiler.Compile(this, expression, null, isChecked: false);

    /// <summary>Makes an activation without values.</summary>
    public CelActivation NewActivation() => new(this);

    internal bool TryGetVariable(string name, out int slot, [NotNullWhen(true)] out CelType? type)
    {
        var found = variables.TryGetValue(name, out var variable);
        (slot, type) = variable;
        return found;
    }

    internal bool TryGetConstant(string name, out CelValue value) => constants.TryGetValue(name, out value);

    internal ImmutableArray<CelOverload>? FindFunction(string name)
    {
        foreach (var candidate in Candidates(name, rooted: false))
        {
            if (functions.TryGetValue(candidate, out var overloads)) return overloads;
        }
        return null;
    }

    /// <summary>The full names that a name may stand for, innermost namespace first.</summary>
    internal IEnumerable<string> Candidates(string name, bool rooted)
    {
        for (var space = rooted ? "" : Container; space.Length > 0; space = space.Contains('.') ? space[..space.LastIndexOf('.')] : "")
        {
            yield return $"{space}.{name}";
        }
        yield return name;
    }

    private CelEnvironment With(
        Dictionary<string, (int Slot, CelType Type)> newVariables, ImmutableDictionary<string, ImmutableArray<CelOverload>> newFunctions) =>
        new(newVariables, newFunctions, constants) { Container = Container, ParseLimits = ParseLimits };

    private static CelEnvironment Create()
    {
        CelType[] types =
        [
            CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes, CelType.Null, CelType.Type, CelType.AnyList,
            CelType.AnyMap, CelType.Timestamp, CelType.Duration, CelType.AnyOptional, IpAddress.CelType, IpNetwork.CelType, UrlLibrary.Url, Quantity.CelType, SemanticVersion.CelType, CelType.Dyn,
        ];
        var constants = types.ToImmutableDictionary(t => t.Name, CelValue.From).Add("google.protobuf.NullValue.NULL_VALUE", CelValue.From(0L));
        var empty = new CelEnvironment([], ImmutableDictionary<string, ImmutableArray<CelOverload>>.Empty, constants);
        return empty.WithFunctions(
        [
            .. StandardLibrary.Overloads(), .. ConversionLibrary.Overloads(), .. TimeLibrary.Overloads(), .. StringsLibrary.Overloads(),
            .. MathLibrary.Overloads(), .. ListsLibrary.Overloads(), .. SetsLibrary.Overloads(), .. EncodersLibrary.Overloads(),
            .. OptionalsLibrary.Overloads(), .. NetworkLibrary.Overloads(), .. RegexLibrary.Overloads(), .. AggregatesLibrary.Overloads(),
            .. UrlLibrary.Overloads(), .. QuantityLibrary.Overloads(), .. SemverLibrary.Overloads(),
        ]);
    }
}
