namespace Castellan.Workflows;

/// <summary>The orchestration's code does not do what its history says it did. History is left as it is.</summary>
/// <param name="message">Names the step and what differs.</param>
public sealed class NonDeterministicOrchestrationException(string message) : Exception(message);
