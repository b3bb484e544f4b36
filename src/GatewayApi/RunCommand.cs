using System.Text.Json;

namespace Castellan.GatewayApi;

/// <summary>What an agent's pod shall do.</summary>
public enum RunCommandKind
{
    /// <summary>See to it that the run's orchestration exists, and report its end.</summary>
    Start,

    /// <summary>Raise an event on it.</summary>
    Raise,

    /// <summary>End it.</summary>
    Terminate,
}

/// <summary>
/// What the gateway wants of an agent's own sidecar, which it cannot reach itself. It is said again to every connection until it is done, so
/// doing it must be safe to repeat: a start is done with the report of the run's end, the others when they are removed by their id.
/// </summary>
public sealed record RunCommand
{
    /// <summary>Identity of the command; the same wish has the same id.</summary>
    public required string Id { get; init; }

    /// <summary>What to do.</summary>
    public required RunCommandKind Kind { get; init; }

    /// <summary>The run; also the instance id of its orchestration.</summary>
    public required string RunId { get; init; }

    /// <summary>Start: the input, as it was pinned.</summary>
    public RunInput? Input { get; init; }

    /// <summary>Raise: name of the event.</summary>
    public string? EventName { get; init; }

    /// <summary>Raise: what the event carries.</summary>
    public JsonElement? Payload { get; init; }
}

/// <summary>How a run's orchestration ended in the agent's sidecar.</summary>
/// <param name="Status">The sidecar's word for it: Completed, Failed, Terminated or Canceled.</param>
/// <param name="Output">What it returned, a <see cref="RunOutput"/>.</param>
/// <param name="Failure">Why it failed.</param>
public sealed record RunReport(string Status, JsonElement? Output, string? Failure);
