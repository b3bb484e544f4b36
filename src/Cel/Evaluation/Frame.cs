namespace Castellan.Cel.Evaluation;

/// <summary>The state of one evaluation.</summary>
internal struct Frame(CelValue[] variables, CelValue[] locals, long cost, CancellationToken ct)
{
    private uint steps;

    /// <summary>Values of the declared variables, by slot.</summary>
    public readonly CelValue[] Variables = variables;

    /// <summary>Values of the variables of comprehensions, by slot.</summary>
    public readonly CelValue[] Locals = locals;

    /// <summary>What is left of the limit.</summary>
    public long Remaining { get; private set; } = cost;

    /// <summary>Counts work.</summary>
    /// <exception cref="LimitExceededException">The limit is reached.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public void Charge(long cost)
    {
        Remaining -= cost;
        if (Remaining < 0) throw new LimitExceededException(null);
        if ((++steps & 0xFF) == 0) ct.ThrowIfCancellationRequested();
    }

    /// <summary>Counts the work of reading or making a value.</summary>
    public void ChargeFor(in CelValue value) => Charge(Extent.WeightOf(value));
}

/// <summary>Ends an evaluation that does too much. It is no error value, because || and &amp;&amp; would absorb that and go on.</summary>
/// <param name="problem">What is too much; null for the cost.</param>
internal sealed class LimitExceededException(string? problem) : Exception
{
    public string? Problem => problem;

    public static LimitExceededException TextTooLong() => new($"a text has more than {ArithmeticNode.LongestText} characters; simplify the expression or shorten its input");
}
