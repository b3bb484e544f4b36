namespace Castellan.Workflows;

/// <summary>A claimed activity throws it to say that its effect certainly did not happen: the claim is given back, and the call may be retried.</summary>
public class EffectNotPerformedException(string message, Exception? inner = null) : Exception(message, inner);
