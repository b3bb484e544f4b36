using System.Net;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeAgent.Proxy;

/// <summary>What <c>spiffe-agent proxy</c> stands in front of, and where it listens.</summary>
internal sealed record ProxyOptions : ICheckedOptions
{
    public const string Usage = "spiffe-agent proxy [--allow RULE]… --upstream http://127.0.0.1:PORT/PATH | spiffe-agent proxy [--allow RULE]… --stdio -- COMMAND [ARGUMENT…]";

    /// <summary>Where we listen: variable <c>POD_IP</c>.</summary>
    public string Address { get; init; } = "";

    public int MtlsPort { get; init; } = 8443;

    public int ProbePort { get; init; } = ProbeListener.DefaultPort;

    /// <summary>The one peer that may connect unless <see cref="Allow"/> names others: variable <c>CASTELLAN_GATEWAY_ID</c>.</summary>
    public string GatewayId { get; init; } = "";

    /// <summary>Where the gateway hears of peers that were turned away: variable <c>CASTELLAN_GATEWAY</c>. Null tells nobody.</summary>
    public Uri? Gateway { get; init; }

    /// <summary>Who may connect in place of the gateway, by rules as <see cref="SpiffeAuthorizer.Parse"/> reads them.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Who may connect.</summary>
    public SpiffeAuthorizer Peers => Allow.Count > 0 ? SpiffeAuthorizer.AnyOf([.. Allow.Select(SpiffeAuthorizer.Parse)]) : SpiffeAuthorizer.Exactly(SpiffeId.Parse(GatewayId));

    /// <summary>A server on this pod's loopback that speaks Streamable HTTP.</summary>
    public string? Upstream { get; init; }

    /// <summary>A command that speaks MCP on standard input and output.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>What stood on the command line and was not understood.</summary>
    public string? Misunderstood { get; init; }

    public static ProxyOptions From(IEnumerable<string> arguments, Func<string, string?> variable)
    {
        var options = new ProxyOptions
        {
            Address = variable("POD_IP") ?? "",
            GatewayId = variable("CASTELLAN_GATEWAY_ID") ?? "",
            Gateway = Uri.TryCreate(variable("CASTELLAN_GATEWAY"), UriKind.Absolute, out var gateway) ? gateway : null,
        };
        string[] words = [.. arguments];
        return words is ["proxy", .. var rest] ? options.With(rest) : options with { Misunderstood = string.Join(' ', words) };
    }

    private ProxyOptions With(string[] words) => words switch
    {
        ["--allow", var rule, .. var rest] => (this with { Allow = [.. Allow, rule] }).With(rest),
        ["--upstream", var upstream] => this with { Upstream = upstream },
        ["--stdio", "--", .. var command] => this with { Command = command },
        _ => this with { Misunderstood = string.Join(' ', words) },
    };

    public IEnumerable<string> Faults()
    {
        if (Misunderstood is not null)
        {
            yield return $"arguments '{Misunderstood}' are not understood; write {Usage}";
            yield break;
        }

        if (!IPAddress.TryParse(Address, out _))
        {
            yield return $"POD_IP is '{Address}'; set it to the pod's IP (downward API status.podIP)";
        }

        if (Allow.Count == 0 && !SpiffeId.TryParse(GatewayId, out _))
        {
            yield return $"CASTELLAN_GATEWAY_ID is '{GatewayId}'; set it to the gateway's SPIFFE ID, or name who may connect with --allow";
        }

        foreach (var problem in Allow.Select(ProblemOf).OfType<string>())
        {
            yield return $"--allow: {problem}";
        }

        if (Upstream is null)
        {
            if (Command.Count == 0)
            {
                yield return $"there is no command after --; write {Usage}";
            }
        }
        else if (!Uri.TryCreate(Upstream, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || !uri.IsLoopback)
        {
            yield return $"--upstream is '{Upstream}'; plain HTTP is forwarded to loopback only, write http://127.0.0.1:PORT/PATH";
        }
    }

    private static string? ProblemOf(string rule)
    {
        try
        {
            SpiffeAuthorizer.Parse(rule);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
