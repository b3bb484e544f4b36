namespace Castellan.Policy;

/// <summary>An approval statement does not hold, or cannot be made; repeating the same does not help.</summary>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">What was met, if anything.</param>
public sealed class ApprovalStatementException(string message, Exception? inner = null) : Exception(message, inner);
