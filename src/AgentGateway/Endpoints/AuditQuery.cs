using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Microsoft.AspNetCore.Mvc;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>The query of <c>GET /v1/audit</c>: what the log is filtered by.</summary>
internal sealed class AuditQuery
{
    private const int MostRecords = 1000, LongestWait = 30;

    [FromQuery(Name = "after")] public long? After { get; init; }

    [FromQuery(Name = "limit")] public int? Limit { get; init; }

    [FromQuery(Name = "newest")] public bool? Newest { get; init; }

    [FromQuery(Name = "wait")] public int? WaitSeconds { get; init; }

    [FromQuery(Name = "run")] public string? Run { get; init; }

    [FromQuery(Name = "call")] public string? Call { get; init; }

    [FromQuery(Name = "since")] public DateTimeOffset? Since { get; init; }

    [FromQuery(Name = "until")] public DateTimeOffset? Until { get; init; }

    [FromQuery(Name = "agent")] public string? Agent { get; init; }

    [FromQuery(Name = "namespace")] public string? Namespace { get; init; }

    [FromQuery(Name = "user")] public string? User { get; init; }

    [FromQuery(Name = "server")] public string? Server { get; init; }

    [FromQuery(Name = "tool")] public string? Tool { get; init; }

    [FromQuery(Name = "decision")] public string? Decision { get; init; }

    [FromQuery(Name = "outcome")] public string? Outcome { get; init; }

    [FromQuery(Name = "kind")] public string? Kind { get; init; }

    [FromQuery(Name = "stage")] public string? Stage { get; init; }

    internal TimeSpan Wait => TimeSpan.FromSeconds(WaitSeconds ?? 0);

    internal LogFilter Filter()
    {
        if (Limit is < 1 or > MostRecords)
        {
            throw Refusals.Invalid($"limit is {Limit}", $"set 1 to {MostRecords}");
        }

        if (WaitSeconds is < 0 or > LongestWait)
        {
            throw Refusals.Invalid($"wait is {WaitSeconds}", $"set 0 to {LongestWait}");
        }

        return new()
        {
            After = After ?? 0, Limit = Limit ?? 100, Newest = Newest ?? false, RunId = Run, CallId = Call, Since = Since, Until = Until, Agent = Agent, Namespace = Namespace,
            User = User, Server = Server, Tool = Tool, Decision = Decision, Outcome = Outcome, Kind = Kind, Stage = Stage,
        };
    }
}
