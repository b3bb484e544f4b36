namespace Castellan.Models.Runbooks;

/// <summary>An expression of a runbook has no usable value; the message names the place, the expression and the reason.</summary>
internal sealed class RunbookException(string place, string expression, string reason)
    : Exception($"{place}: expression `{expression}` {reason}");
