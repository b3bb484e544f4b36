using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>How an <see cref="McpHttpHost"/> serves: who may come in, and within which limits.</summary>
public sealed class McpHttpOptions
{
    /// <summary>Which revisions are served.</summary>
    public McpSessionMode Mode { get; set; } = McpSessionMode.Hybrid;

    /// <summary>
    /// Decides who calls, at every request, before anything is read from the body. There is no default: a host that forgot to
    /// authenticate does not start.
    /// </summary>
    public required Func<HttpContext, CancellationToken, ValueTask<McpAuthentication>> Authenticate { get; set; }

    /// <summary>
    /// Host names (without port) that the <c>Host</c> header may carry, against DNS rebinding; <c>*</c> takes any, for listeners that
    /// demand client certificates. An <c>Origin</c>, where one is sent, must name one of these hosts; <c>*</c> does not cover it.
    /// </summary>
    public ISet<string> AllowedHosts { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]" };

    /// <summary>Largest request body in bytes; more is answered 413.</summary>
    public int MaxBodyBytes { get; set; } = 4 << 20;

    /// <summary>Most sessions at once; the next is answered 503.</summary>
    public int MaxSessions { get; set; } = 10_000;

    /// <summary>A session without a request or an open stream for this long is closed.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often idle sessions are looked for.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Answer <c>application/json</c> instead of an event stream when nothing precedes the result.</summary>
    public bool JsonResponses { get; set; } = true;

    /// <summary>Where events are kept for clients that resume with <c>Last-Event-ID</c>; <see langword="null"/> keeps none. Turns <see cref="JsonResponses"/> off.</summary>
    public ISseEventStreamStore? EventStore { get; set; }

    /// <summary>Protected-resource metadata (RFC 9728), served under <c>/.well-known</c> and named in challenges; <see langword="null"/> serves none.</summary>
    public ProtectedResourceMetadata? ResourceMetadata { get; set; }

    /// <summary>
    /// Finds a tool's definition by name where the tools are not in the server options' collection; needed to check the
    /// <c>Mcp-Param-*</c> headers of revision 2026-07-28.
    /// </summary>
    public Func<McpCallContext, string, CancellationToken, ValueTask<Tool?>>? FindTool { get; set; }

    /// <summary>What is wrong with these options, one sentence each; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Authenticate is null) yield return $"{nameof(Authenticate)} is missing; say who may call";
        if (MaxBodyBytes < 1024) yield return $"{nameof(MaxBodyBytes)} is {MaxBodyBytes}; set at least 1024";
        if (MaxSessions < 1) yield return $"{nameof(MaxSessions)} is {MaxSessions}; set at least 1";
        if (IdleTimeout <= TimeSpan.Zero) yield return $"{nameof(IdleTimeout)} is {IdleTimeout}; set more than zero";
        if (SweepInterval <= TimeSpan.Zero) yield return $"{nameof(SweepInterval)} is {SweepInterval}; set more than zero";
        if (AllowedHosts.Count == 0) yield return $"{nameof(AllowedHosts)} is empty; name the hosts under which clients reach this server";
    }
}
