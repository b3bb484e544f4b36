using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Who and what is behind one MCP message: handlers and tools ask for it with <see cref="Of(MessageContext)"/>.</summary>
public sealed class McpCallContext
{
    private const string ItemKey = "castellan.dev/call-context";
    private readonly McpAuthentication _authentication;

    internal McpCallContext(HttpContext http, McpAuthentication authentication) => (Http, _authentication) = (http, authentication);

    /// <summary>The HTTP request that brought the message; valid until the message is answered.</summary>
    public HttpContext Http { get; }

    /// <summary>The authenticated caller as claims.</summary>
    public ClaimsPrincipal User => _authentication.User!;

    /// <summary>Names the caller stably.</summary>
    public string CallerKey => _authentication.Key;

    /// <summary>The caller in the host's own type, as its authentication hook returned it.</summary>
    public object? Caller => _authentication.Caller;

    /// <summary>The session the message belongs to; <see langword="null"/> without one.</summary>
    public string? SessionId { get; internal set; }

    /// <summary>
    /// The trace that the message belongs to: the span of its handling where spans are recorded, or what the caller sent along;
    /// <see langword="default"/> without either.
    /// </summary>
    public ActivityContext Trace { get; internal set; }

    /// <summary>A value from the route of the endpoint, for example the server's name in <c>/mcp/servers/{ns}/{name}</c>.</summary>
    /// <param name="name">Name in the route pattern.</param>
    public string? RouteValue(string name) => Http.Request.RouteValues.TryGetValue(name, out var value) ? value as string : null;

    /// <summary>The context of the message that a handler is working on.</summary>
    /// <param name="message">What the SDK hands to the handler.</param>
    /// <exception cref="InvalidOperationException">The message did not come through an <see cref="McpHttpHost"/>.</exception>
    public static McpCallContext Of(MessageContext message) =>
        Find(message) ?? throw new InvalidOperationException("the message has no call context; serve it through McpHttpHost");

    /// <summary>The context of the message, or <see langword="null"/> when it did not come through an <see cref="McpHttpHost"/> (stdio).</summary>
    /// <param name="message">What the SDK hands to the handler.</param>
    public static McpCallContext? Find(MessageContext message) =>
        message.JsonRpcMessage.Context?.Items?.TryGetValue(ItemKey, out var found) == true ? found as McpCallContext : null;

    internal void AttachTo(JsonRpcMessage message, string? protocolVersion) => message.Context = new JsonRpcMessageContext
    {
        User = User,
        ProtocolVersion = protocolVersion,
        Items = new Dictionary<string, object?>(StringComparer.Ordinal) { [ItemKey] = this },
    };
}
