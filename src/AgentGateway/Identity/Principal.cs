using System.Text.Json.Serialization;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Identity;

/// <summary>Kinds of principal.</summary>
internal enum PrincipalKind
{
    /// <summary>An agent's pod, known by its X509-SVID.</summary>
    Agent,

    /// <summary>A human or a program with a token that the cluster knows.</summary>
    User,
}

/// <summary>Who makes a call, as authenticated by the gateway itself.</summary>
internal sealed record Principal
{
    public required PrincipalKind Kind { get; init; }

    /// <summary>The SPIFFE ID of an agent, or the name of a user.</summary>
    public required string Name { get; init; }

    /// <summary>Groups of a user; empty for agents.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>When the login of a user ends; null when it has no end that is known.</summary>
    public DateTimeOffset? LoginExpiresAt { get; init; }

    /// <summary>Namespace of an agent.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name of an agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Service account of an agent; built-in servers act under it.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Names the principal unambiguously.</summary>
    [JsonIgnore]
    public string Key => $"{Kind}:{Name}";

    internal static Principal OfUser(string name, IReadOnlyList<string> groups) => new() { Kind = PrincipalKind.User, Name = name, Groups = groups };

    /// <summary>The agent behind a SPIFFE ID <c>…/ns/NAMESPACE/sa/agent-NAME</c>; null for any other ID.</summary>
    internal static Principal? OfAgent(SpiffeId id) =>
        id.TryGetServiceAccount(out var ns, out var account) && account.StartsWith(AgentAccountPrefix, StringComparison.Ordinal) && account.Length > AgentAccountPrefix.Length
            ? new Principal { Kind = PrincipalKind.Agent, Name = id.ToString(), Namespace = ns, Agent = account[AgentAccountPrefix.Length..], ServiceAccount = account }
            : null;

    internal const string AgentAccountPrefix = "agent-";
}
