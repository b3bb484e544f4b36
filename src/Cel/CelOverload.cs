using System.Collections.Immutable;
using Castellan.Cel.Evaluation;

namespace Castellan.Cel;

/// <summary>What a function does. Errors are values: return <see cref="CelValue.Fail(string)"/>, do not throw.</summary>
/// <param name="arguments">The receiver, if any, and the arguments; of the declared types, never errors or unknown.</param>
public delegate CelValue CelImplementation(ReadOnlySpan<CelValue> arguments);

/// <summary>One form of a function: its types and what it does.</summary>
public sealed class CelOverload
{
    private const long ShortText = 50;
    private Func<ReadOnlySpan<long>, long>? effort;
    private Effort? exactEffort;
    private Func<ReadOnlySpan<Extent>, Extent>? extent;

    private CelOverload(CelOverload other)
        : this(other.Name, other.IsMember, other.Parameters, other.Result, other.Implementation) =>
        (effort, exactEffort, extent) = (other.effort, other.exactEffort, other.extent);

    /// <summary>What a call costs, given its arguments.</summary>
    internal delegate long Effort(ReadOnlySpan<CelValue> arguments);

    private CelOverload(string name, bool isMember, ImmutableArray<CelType> parameters, CelType result, CelImplementation implementation)
    {
        Name = name;
        IsMember = isMember;
        Parameters = parameters;
        Result = result;
        Implementation = implementation;
    }

    /// <summary>Name, with its namespace: <c>size</c>, <c>math.abs</c>.</summary>
    public string Name { get; }

    /// <summary>Whether it is called as <c>receiver.name(…)</c>; the receiver is the first parameter.</summary>
    public bool IsMember { get; }

    /// <summary>Types of the receiver, if any, and of the arguments.</summary>
    public ImmutableArray<CelType> Parameters { get; }

    /// <summary>Type of the result.</summary>
    public CelType Result { get; }

    internal CelImplementation Implementation { get; }

    /// <summary>Whether touching an argument is charged as touching a text: everything else than a text is an error.</summary>
    internal bool TakesText(int argument) => Parameters[argument].Kind is CelTypeKind.String or CelTypeKind.Bytes;

    /// <summary>What a call costs besides reading its arguments and making its result, given what these weigh.</summary>
    internal long EffortOf(ReadOnlySpan<long> weights) => effort?.Invoke(weights) ?? 0;

    /// <summary>How large the result may be.</summary>
    internal Extent ResultOf(ReadOnlySpan<Extent> arguments)
    {
        if (extent is not null) return extent(arguments);
        if (Extent.IsScalar(Result)) return Extent.Scalar;
        // Texts are quoted, escaped, encoded: three times their length, and a little more for what numbers become.
        var (weight, count, element) = (ShortText, 0L, 0L);
        foreach (ref readonly var argument in arguments)
        {
            weight = Cost.Sum(weight, Cost.Product(3, argument.Weight));
            count = Cost.Sum(count, argument.Count);
            element = Math.Max(element, argument.Weight);
        }
        return Result.Kind is CelTypeKind.String or CelTypeKind.Bytes ? Extent.Text(weight) : new(Cost.Sum(ShortText, Cost.Product(3, count)), weight, Cost.Sum(ShortText, Cost.Product(3, element)));
    }

    /// <summary>What a call with these arguments costs besides reading them and making its result.</summary>
    internal long EffortOf(ReadOnlySpan<CelValue> arguments)
    {
        if (effort is null) return 0;
        if (exactEffort is not null) return exactEffort(arguments);
        Span<long> weights = stackalloc long[arguments.Length];
        for (var i = 0; i < weights.Length; i++) weights[i] = Extent.WeightOf(arguments[i]);
        return effort(weights);
    }

    /// <summary>The same form, which takes more time than reading its arguments and making its result.</summary>
    /// <param name="estimate">What that is, given what the arguments weigh.</param>
    /// <param name="exact">What that is, given the arguments; absent when their weights say it all.</param>
    internal CelOverload WithEffort(Func<ReadOnlySpan<long>, long> estimate, Effort? exact = null) => new(this) { effort = estimate, exactEffort = exact };

    /// <summary>The same form, whose result may be larger than its arguments.</summary>
    internal CelOverload WithExtent(Func<ReadOnlySpan<Extent>, Extent> newExtent) => new(this) { extent = newExtent };

    /// <summary>What sorting costs, given what all keys weigh.</summary>
    internal static long EffortOfSorting(long weight) => Cost.Product(weight, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)weight));

    /// <summary>What looking for a text in another costs: at worst each character of one is compared with each of the other, thousands at a time.</summary>
    internal static long EffortOfSearching(ReadOnlySpan<long> weights) => Cost.Product(weights[0], weights[1]) / 10;

    /// <summary>Declares a function that is called as <c>name(…)</c>.</summary>
    public static CelOverload Global(string name, ImmutableArray<CelType> parameters, CelType result, CelImplementation implementation) =>
        new(name, false, parameters, result, implementation);

    /// <summary>Declares a function that is called as <c>receiver.name(…)</c>.</summary>
    public static CelOverload Member(string name, ImmutableArray<CelType> parameters, CelType result, CelImplementation implementation) =>
        new(name, true, parameters, result, implementation);

    internal bool Accepts(ReadOnlySpan<CelValue> arguments)
    {
        if (arguments.Length != Parameters.Length) return false;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Parameters[i].Accepts(arguments[i])) return false;
        }
        return true;
    }
}
