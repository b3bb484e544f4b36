using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.McpServers.Tools;
using Castellan.SpiffeIdentity;

namespace Castellan.McpServers.Calls;

/// <summary>On whose behalf a call is made: as the gateway states it in <c>_meta["castellan.dev/call"]</c>, and as the call's token proves it.</summary>
/// <param name="CallId">Identity of the call: asking again with it never acts twice.</param>
/// <param name="Attempt">Which attempt this is, from 1.</param>
/// <param name="User">User name to act as: the agent's service account, or the human.</param>
/// <param name="Groups">Groups to act with; none for a service account, whose groups the API server adds.</param>
/// <param name="IsQuery">True only asks what became of the call.</param>
internal sealed record Delegation(string CallId, int Attempt, string User, IReadOnlyList<string> Groups, bool IsQuery)
{
    /// <summary>Key in a request's <c>_meta</c>.</summary>
    public const string MetaKey = "castellan.dev/call";

    private sealed record Wire(string? CallId, int? Attempt, WireAgent? Agent, string? User, IReadOnlyList<string>? Groups, bool? Query, string? RunId);

    private sealed record WireAgent(string? Namespace, string? Name, string? ServiceAccount);

    /// <summary>Reads the delegation of a request.</summary>
    /// <param name="meta">The request's <c>_meta</c>.</param>
    /// <param name="proven">What the call's token proves; null when it brought none.</param>
    /// <param name="trustsGateway">True believes <paramref name="meta"/> alone, because the peer proved to be the gateway.</param>
    /// <exception cref="ToolProblem">There is none, it names nobody, or not whom the token names: this server has no power of its own to fall back to.</exception>
    public static Delegation Of(JsonObject? meta, DelegatedAuthority? proven, bool trustsGateway)
    {
        if (meta?[MetaKey] is not JsonObject stated)
            throw new ToolProblem($"the call carries no {MetaKey}, so it is not known on whose behalf it is made", "call this tool through the gateway");
        Wire wire;
        try
        {
            wire = stated.Deserialize<Wire>(JsonSerializerOptions.Web)!;
        }
        catch (JsonException e)
        {
            throw new ToolProblem($"{MetaKey} cannot be read: {e.Message}", "call this tool through a gateway of the same version", e);
        }
        if (string.IsNullOrEmpty(wire.CallId)) throw new ToolProblem($"{MetaKey} has no callId", "call this tool through the gateway");
        var (user, groups) = proven is null ? Stated(wire) : Proven(wire, proven);
        if (proven is null && !trustsGateway)
            throw new ToolProblem("the call brings no delegation token, so nothing proves on whose behalf it is made", "set Gateway:TokenExchange of the gateway, or start this server with --trust-gateway");
        // A person never acts as a part of the system; only the branch above may name a service account.
        if (wire.Agent is null && user.StartsWith("system:", StringComparison.Ordinal))
            throw new ToolProblem($"'{user}' is a name of the cluster's own parts", "call as a person or as an agent");
        return new(wire.CallId, wire.Attempt ?? 1, user, [.. groups.Where(g => !g.StartsWith("system:", StringComparison.Ordinal))], wire.Query ?? false);
    }

    private static (string User, IReadOnlyList<string> Groups) Stated(Wire wire) => wire switch
    {
        { Agent: { Namespace.Length: > 0, ServiceAccount.Length: > 0 } agent } => ($"system:serviceaccount:{agent.Namespace}:{agent.ServiceAccount}", []),
        { User.Length: > 0 } => (wire.User, wire.Groups ?? []),
        _ => throw new ToolProblem($"{MetaKey} names neither an agent nor a user", "call this tool through the gateway"),
    };

    // The power comes from the token; what is stated must say the same, or a token would serve for another run's or another agent's call.
    private static (string User, IReadOnlyList<string> Groups) Proven(Wire wire, DelegatedAuthority proven)
    {
        var isStated = (wire.Agent, proven.Actors) switch
        {
            ({ } agent, [var actor, ..]) => actor.TryGetServiceAccount(out var ns, out var account) && (ns, account) == (agent.Namespace, agent.ServiceAccount),
            (null, []) => proven.Subject == wire.User,
            _ => false,
        };
        if (!isStated || proven.Run != wire.RunId)
            throw new ToolProblem($"the delegation token is of {proven}, run {proven.Run ?? "none"}; the call is stated to be of {wire.Agent?.ServiceAccount ?? wire.User}, run {wire.RunId ?? "none"}", "send each call with its own token");
        return wire.Agent is null ? (proven.Subject, proven.Groups) : Stated(wire);
    }
}
