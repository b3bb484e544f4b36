namespace Castellan.Cel;

/// <summary>The expression is not valid in its environment; repeating does not help.</summary>
/// <param name="faults">Every fault that was found, at least one.</param>
public sealed class CelCompileException(IReadOnlyList<CelFault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>Every fault that was found, in the order of the source.</summary>
    public IReadOnlyList<CelFault> Faults { get; } = faults;
}
