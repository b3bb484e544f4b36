namespace Castellan.GatewayApi;

/// <summary>An error as the gateway sends it: problem details (RFC 9457) with a remedy.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">One word to act on, for example <c>Conflict</c>.</param>
/// <param name="Detail">What is wrong, with the value.</param>
/// <param name="Remedy">What to do.</param>
public sealed record GatewayProblem(int Status, string Title, string Detail, string? Remedy = null)
{
    /// <summary>Media type of the body.</summary>
    public const string ContentType = "application/problem+json";
}

/// <summary>The gateway refused a request or could not be reached.</summary>
public sealed class GatewayException : Exception
{
    /// <summary>An answer of the gateway.</summary>
    /// <param name="problem">What it said.</param>
    /// <param name="inner">What caused it.</param>
    public GatewayException(GatewayProblem problem, Exception? inner = null)
        : base(problem.Remedy is { Length: > 0 } ? $"{problem.Detail}; {problem.Remedy}" : problem.Detail, inner) => Problem = problem;

    /// <summary>What the gateway said.</summary>
    public GatewayProblem Problem { get; }

    /// <summary>HTTP status; 0 when there was no answer.</summary>
    public int Status => Problem.Status;

    /// <summary>True if the same request may succeed later: no answer, 429, 502, 503 or 504.</summary>
    public bool IsTransient => Status is 0 or 429 or 502 or 503 or 504;
}
