using System.Buffers;
using Castellan.Cel.Evaluation;

namespace Castellan.Cel;

/// <summary>A checked expression, ready to be evaluated any number of times, by many threads.</summary>
public sealed class CelProgram
{
    private readonly Plan plan;

    internal CelProgram(CelEnvironment environment, string source, CelType resultType, Plan plan)
    {
        Environment = environment;
        Source = source;
        ResultType = resultType;
        this.plan = plan;
    }

    /// <summary>The environment it was compiled in.</summary>
    public CelEnvironment Environment { get; }

    /// <summary>The text of the expression.</summary>
    public string Source { get; }

    /// <summary>Type of the result, as far as it is known before evaluation.</summary>
    public CelType ResultType { get; }

    /// <summary>The variables that it reads, or may read.</summary>
    public required IReadOnlySet<string> Variables { get; init; }

    /// <summary>
    /// What an evaluation costs at most, in the unit of <see cref="CelLimits.Cost"/>, if no value that is read from data has more than
    /// 100 elements, those of all levels counted, or more than 1,000 characters.
    /// </summary>
    public long EstimatedCost => plan.Cost;

    /// <summary>Evaluates the expression.</summary>
    /// <param name="activation">Values of the variables, made by the same environment.</param>
    /// <param name="limits">How much the evaluation may do; <see cref="CelLimits.Default"/> when absent.</param>
    /// <param name="ct">Ends the evaluation.</param>
    /// <returns>The value; of kind Error when the evaluation failed, Unknown when it depends on unknown values.</returns>
    /// <exception cref="ArgumentException">The activation belongs to another environment.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public CelValue Evaluate(CelActivation activation, CelLimits? limits = null, CancellationToken ct = default)
    {
        if (!ReferenceEquals(activation.Environment, Environment))
        {
            throw new ArgumentException("the activation belongs to another environment; make it with program.Environment.NewActivation()", nameof(activation));
        }
        ct.ThrowIfCancellationRequested();
        var allowed = (limits ?? CelLimits.Default).Cost;
        var locals = plan.Locals == 0 ? [] : ArrayPool<CelValue>.Shared.Rent(plan.Locals);
        try
        {
            var frame = new Frame(activation.Values, locals, allowed, ct);
            return plan.Root.Evaluate(ref frame);
        }
        catch (LimitExceededException e)
        {
            return CelValue.Fail(e.Problem ?? $"the evaluation costs more than {allowed}; simplify the expression or shorten its input");
        }
        finally
        {
            if (plan.Locals > 0) ArrayPool<CelValue>.Shared.Return(locals, clearArray: true);
        }
    }

    /// <summary>Where an error happened, as line and column; <see langword="null"/> when not known.</summary>
    public CelFault? Locate(CelError error) => error.Offset < 0 ? null : CelFault.At(Source, error.Offset, error.Message);

    /// <inheritdoc/>
    public override string ToString() => Source;
}
