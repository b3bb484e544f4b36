using Castellan.AgentApi.V1Alpha1;

namespace Castellan.AgentController.Models;

/// <summary>Everything the plan for a model depends on.</summary>
/// <param name="Model">The ModelConfig.</param>
/// <param name="Key">What is known of the Secret with its API key.</param>
/// <param name="RunbookFaults">What is wrong with its runbook; empty if there is none.</param>
internal sealed record ModelObservation(ModelConfig Model, ApiKeyState Key, IReadOnlyList<string> RunbookFaults);

/// <summary>What is known of a Secret that holds an API key. Its value is never kept.</summary>
internal enum ApiKeyState
{
    /// <summary>The spec names none.</summary>
    NotNamed,

    /// <summary>There is no such Secret.</summary>
    SecretMissing,

    /// <summary>The Secret has no such key, or nothing under it.</summary>
    KeyMissing,

    /// <summary>The controller may not read it.</summary>
    Forbidden,

    /// <summary>It is there.</summary>
    Present,
}
