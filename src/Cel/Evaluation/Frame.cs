namespace Castellan.Cel.Evaluation;

/// <summary>The state of one evaluation.</summary>
internal struct Frame(CelValue[] variables, CelValue[] locals, long cost, CancellationToken ct)
{
    private long remaining = cost;
    private uint steps;

    /// <summary>Values of the declared variables, by slot.</summary>
    public readonly CelValue[] Variables = variables;

    /// <summary>Values of the variables of comprehensions, by slot.</summary>
    public readonly CelValue[] Locals = locals;

    /// <summary>Counts work.</summary>
    /// <exception cref="CostExceededException">The limit is reached.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public void Charge(long cost)
    {
        remaining -= cost;
        if (remaining < 0) throw new CostExceededException();
        if ((++steps & 0xFF) == 0) ct.ThrowIfCancellationRequested();
    }

    /// <summary>Counts the work of reading or making a value.</summary>
    public void ChargeFor(in CelValue value) => Charge(SizeOf(value));

    private static long SizeOf(in CelValue value) => value.Kind switch
    {
        CelKind.String => value.Text.Length / 10,
        CelKind.Bytes => value.Octets.Length / 10,
        CelKind.List => value.AsList.Count,
        CelKind.Map => value.AsMap.Count,
        _ => 0,
    };
}

/// <summary>Ends an evaluation that costs too much. It is no error value, because || and &amp;&amp; would absorb that.</summary>
internal sealed class CostExceededException : Exception;
