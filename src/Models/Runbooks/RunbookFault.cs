namespace Castellan.Models.Runbooks;

/// <summary>One thing that is wrong with a runbook.</summary>
/// <param name="Path">Where, for example <c>procedures[0].steps[2].when</c>.</param>
/// <param name="Message">What, and what to do.</param>
public sealed record RunbookFault(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}
