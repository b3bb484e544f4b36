namespace Castellan.AgentGateway.Delegations;

/// <summary>There is no delegation token, so nothing was sent to the tool server.</summary>
/// <param name="problem">The problem and the remedy.</param>
/// <param name="isFinal">True when asking again gives the same answer: a login that ended, an agent that is denied.</param>
/// <param name="inner">The cause.</param>
internal sealed class DelegationFailedException(string problem, bool isFinal, Exception? inner = null) : Exception(problem, inner)
{
    internal bool IsFinal { get; } = isFinal;
}
