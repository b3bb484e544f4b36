using System.Collections.Immutable;

namespace Castellan.Cel.Compilation;

/// <summary>Finds out whether types fit together, and what open type parameters stand for.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "Gradual Type Checking" and "Overloaded functions".</remarks>
internal sealed class TypeUnifier
{
    // Types that contain each other can make the work grow exponentially; no sensible expression comes near.
    private const int MostSteps = 2_000_000;

    private readonly Dictionary<string, CelType> bindings = [];

    // What was bound, and to what before: a failed attempt is taken back without copying the bindings.
    private readonly Stack<(string Name, CelType? Before)> trail = [];
    private int count;
    private int steps;

    /// <summary>A type that is not known yet.</summary>
    public CelType Fresh() => CelType.Parameter($"_{count++}");

    /// <summary>Whether values of all the types may be passed where the others are asked for; binds parameters if so.</summary>
    public bool Fit(ReadOnlySpan<CelType> actual, ReadOnlySpan<CelType> wanted)
    {
        if (actual.Length != wanted.Length) return false;
        trail.Clear();
        for (var i = 0; i < actual.Length; i++)
        {
            if (Fits(actual[i], wanted[i])) continue;
            TakeBack();
            return false;
        }
        return true;
    }

    private void TakeBack()
    {
        while (trail.TryPop(out var last))
        {
            if (last.Before is null) bindings.Remove(last.Name);
            else bindings[last.Name] = last.Before;
        }
    }

    private void Bind(CelType parameter, CelType type)
    {
        trail.Push((parameter.Name, bindings.GetValueOrDefault(parameter.Name)));
        bindings[parameter.Name] = type;
    }

    /// <summary>Whether a value of the type may be passed where the other is asked for; binds parameters if so.</summary>
    public bool Fit(CelType actual, CelType wanted) => Fit([actual], [wanted]);

    /// <summary>The common type of two branches or elements; <see cref="CelType.Dyn"/> when they have none.</summary>
    public CelType Join(CelType? previous, CelType current) =>
        previous is null ? current : Fit(previous, current) ? MoreGeneral(previous, current) : CelType.Dyn;

    /// <summary>Replaces parameters by what they stand for.</summary>
    /// <param name="type">The type.</param>
    /// <param name="final">Whether parameters that are still open become <see cref="CelType.Dyn"/>.</param>
    public CelType Resolve(CelType type, bool final = false)
    {
        Step();
        if (type.Kind == CelTypeKind.Parameter)
        {
            return bindings.TryGetValue(type.Name, out var bound) ? Resolve(bound, final) : final ? CelType.Dyn : type;
        }
        if (type.Parameters.Length == 0 || type.Kind == CelTypeKind.Type) return type;
        return type.With([.. type.Parameters.Select(p => Resolve(p, final))]);
    }

    /// <summary>Replaces the parameters of an overload by fresh ones.</summary>
    public ImmutableArray<CelType> Instantiate(ImmutableArray<CelType> types)
    {
        Dictionary<string, CelType>? fresh = null;
        return types.All(t => !IsGeneric(t)) ? types : [.. types.Select(t => Replace(t, fresh ??= []))];
    }

    private CelType Replace(CelType type, Dictionary<string, CelType> fresh)
    {
        if (type.Kind == CelTypeKind.Parameter)
        {
            if (!fresh.TryGetValue(type.Name, out var replacement)) fresh.Add(type.Name, replacement = Fresh());
            return replacement;
        }
        return IsGeneric(type) ? type.With([.. type.Parameters.Select(p => Replace(p, fresh))]) : type;
    }

    private static bool IsGeneric(CelType type) => type.Kind == CelTypeKind.Parameter || type.Parameters.Any(IsGeneric);

    private bool Fits(CelType actual, CelType wanted)
    {
        Step();
        if (wanted.Kind == CelTypeKind.Parameter)
        {
            var (valid, known) = Substitutes(actual, wanted);
            if (valid || known) return valid;
        }
        if (actual.Kind == CelTypeKind.Parameter) return Substitutes(wanted, actual).Valid;
        if (actual.IsDyn || wanted.IsDyn) return true;
        if (actual.Kind == CelTypeKind.Null || wanted.Kind == CelTypeKind.Null)
        {
            return actual.Kind == wanted.Kind || IsNullable(actual) || IsNullable(wanted);
        }
        if (actual.Kind != wanted.Kind) return false;
        if (actual.Kind == CelTypeKind.Type) return true;
        if (actual.Name != wanted.Name) return false;
        for (var i = 0; i < actual.Parameters.Length; i++)
        {
            if (!Fits(actual.Parameters[i], wanted.Parameters[i])) return false;
        }
        return true;
    }

    private static bool IsNullable(CelType type) =>
        type.Kind is CelTypeKind.Object or CelTypeKind.Opaque or CelTypeKind.Timestamp or CelTypeKind.Duration;

    private (bool Valid, bool Known) Substitutes(CelType type, CelType parameter)
    {
        if (type.Equals(parameter)) return (true, true);
        if (bindings.TryGetValue(parameter.Name, out var bound))
        {
            if (type.Equals(bound)) return (true, true);
            if (!Fits(type, bound)) return (false, true);
            var general = MoreGeneral(type, bound);
            if (!Mentions(general, parameter)) Bind(parameter, general);
            return (true, true);
        }
        if (Mentions(type, parameter)) return (false, false);
        Bind(parameter, type);
        return (true, false);
    }

    private bool Mentions(CelType type, CelType parameter)
    {
        Step();
        return type.Kind == CelTypeKind.Parameter
            ? type.Name == parameter.Name || (bindings.TryGetValue(type.Name, out var bound) && Mentions(bound, parameter))
            : type.Parameters.Any(p => Mentions(p, parameter));
    }

    private void Step()
    {
        if (++steps > MostSteps)
        {
            throw new CelCompileException([new CelFault(1, 1, "the types of the expression are too complex", "split it, or wrap parts in dyn()")]);
        }
    }

    private static CelType MoreGeneral(CelType a, CelType b) => IsAtLeastAsGeneral(a, b) ? a : b;

    private static bool IsAtLeastAsGeneral(CelType a, CelType b)
    {
        if (a.IsDyn || a.Kind == CelTypeKind.Parameter) return true;
        if (b.Kind == CelTypeKind.Null) return true;
        if (a.Kind != b.Kind || a.Name != b.Name || a.Parameters.Length != b.Parameters.Length) return false;
        for (var i = 0; i < a.Parameters.Length; i++)
        {
            if (!IsAtLeastAsGeneral(a.Parameters[i], b.Parameters[i])) return false;
        }
        return true;
    }
}
