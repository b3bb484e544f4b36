using System.Collections.Immutable;

namespace Castellan.Cel;

/// <summary>What a function does. Errors are values: return <see cref="CelValue.Fail(string)"/>, do not throw.</summary>
/// <param name="arguments">The receiver, if any, and the arguments; of the declared types, never errors or unknown.</param>
public delegate CelValue CelImplementation(ReadOnlySpan<CelValue> arguments);

/// <summary>What a call costs besides what its arguments and its result do, for functions that look into what lists and maps hold.</summary>
/// <param name="arguments">As for the function.</param>
public delegate long CelCost(ReadOnlySpan<CelValue> arguments);

/// <summary>One form of a function: its types and what it does.</summary>
public sealed class CelOverload
{
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

    internal CelCost? Cost { get; private init; }

    /// <summary>Declares a function that is called as <c>name(…)</c>.</summary>
    public static CelOverload Global(string name, ImmutableArray<CelType> parameters, CelType result, CelImplementation implementation) =>
        new(name, false, parameters, result, implementation);

    /// <summary>Declares a function that is called as <c>receiver.name(…)</c>.</summary>
    public static CelOverload Member(string name, ImmutableArray<CelType> parameters, CelType result, CelImplementation implementation) =>
        new(name, true, parameters, result, implementation);

    /// <summary>The same, with a cost of its own that is charged before it runs.</summary>
    public CelOverload Costing(CelCost cost) => new(Name, IsMember, Parameters, Result, Implementation) { Cost = cost };

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
