using System.Security.Claims;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>What the authentication of one request found: a caller, or why there is none.</summary>
public sealed class McpAuthentication
{
    private McpAuthentication(int status) => Status = status;

    /// <summary>200 for a known caller, 401 for none, 403 for one who may not come in here.</summary>
    public int Status { get; }

    /// <summary>The caller as claims; <see langword="null"/> unless <see cref="Status"/> is 200.</summary>
    public ClaimsPrincipal? User { get; private init; }

    /// <summary>Names the caller stably: a session belongs to the key that opened it.</summary>
    public string Key { get; private init; } = "";

    /// <summary>The caller in the host's own type, handed to tool code as <see cref="McpCallContext.Caller"/>.</summary>
    public object? Caller { get; private init; }

    /// <summary>Why the caller was turned away; reaches the client, so it names no secret.</summary>
    public string Problem { get; private init; } = "";

    /// <summary>Further parameters of the <c>WWW-Authenticate</c> challenge, for example <c>error="invalid_token"</c>.</summary>
    public string? Challenge { get; private init; }

    /// <summary>The caller is known.</summary>
    /// <param name="user">The caller as claims.</param>
    /// <param name="key">Names the caller stably and unambiguously, for example the SPIFFE ID.</param>
    /// <param name="caller">The caller in the host's own type.</param>
    public static McpAuthentication Accept(ClaimsPrincipal user, string key, object? caller = null) =>
        new(200) { User = user, Key = key, Caller = caller };

    /// <summary>No caller: 401 with a challenge.</summary>
    /// <param name="problem">What was missing or wrong, and what to send.</param>
    /// <param name="challenge">Further parameters of the challenge.</param>
    public static McpAuthentication Unauthenticated(string problem, string? challenge = null) =>
        new(401) { Problem = problem, Challenge = challenge };

    /// <summary>A known caller who may not come in: 403.</summary>
    /// <param name="problem">Why, and who could.</param>
    public static McpAuthentication Forbidden(string problem) => new(403) { Problem = problem };
}
