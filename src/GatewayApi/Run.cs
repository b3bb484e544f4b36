namespace Castellan.GatewayApi;

/// <summary>Asks for a run of an agent.</summary>
/// <param name="Message">What the user says.</param>
/// <param name="Session"><c>new</c> (also when absent), <c>latest</c>, or the id of a session of the same user and agent.</param>
public sealed record StartRunRequest(string Message, string? Session = null);

/// <summary>A run that was accepted.</summary>
/// <param name="RunId">Identity of the run; also its orchestration's instance id in the agent's hub.</param>
/// <param name="SessionId">The conversation it belongs to.</param>
public sealed record StartedRun(string RunId, string SessionId);

/// <summary>How far a run is.</summary>
public enum RunState
{
    /// <summary>Accepted and not ended; it may be waiting for an approval or for its agent's pod.</summary>
    Running,

    /// <summary>Ended with an answer.</summary>
    Succeeded,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>Ended by an operator.</summary>
    Terminated,
}

/// <summary>One execution of an agent inside a session.</summary>
public sealed record Run
{
    /// <summary>Identity of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public required string SessionId { get; init; }

    /// <summary>Name of the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Namespace of the agent.</summary>
    public required string Namespace { get; init; }

    /// <summary>The human on whose behalf it acts.</summary>
    public required string User { get; init; }

    /// <summary>How far it is.</summary>
    public required RunState State { get; init; }

    /// <summary>What the user said.</summary>
    public required string Message { get; init; }

    /// <summary>The final answer, once it succeeded.</summary>
    public string? Answer { get; init; }

    /// <summary>Why it failed or was ended.</summary>
    public string? Error { get; init; }

    /// <summary>When it was accepted (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Model turns so far.</summary>
    public int Turns { get; init; }
}

/// <summary>A list as the API returns it.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items.</param>
public sealed record ItemList<T>(IReadOnlyList<T> Items);
