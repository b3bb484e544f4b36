using Castellan.Cel;

namespace Castellan.Models.Runbooks;

/// <summary>What the expressions of a runbook see at one point of a procedure.</summary>
/// <param name="Input">The user's message.</param>
/// <param name="History">Earlier messages of the conversation, each a map of role and text.</param>
/// <param name="Steps">Results of the steps that ran, by step name.</param>
/// <param name="Cancellation">Ends an evaluation.</param>
internal sealed record RunbookState(string Input, CelValue History, CelValue Steps, CancellationToken Cancellation);
