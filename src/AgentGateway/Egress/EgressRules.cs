using System.IO.Enumeration;
using System.Net;
using Castellan.Policy.Guards;

namespace Castellan.AgentGateway.Egress;

/// <summary>What may be connected to: decided from a destination alone.</summary>
internal sealed class EgressRules(EgressOptions options)
{
    private const string Remedy = "have whoever runs the gateway allow it under Gateway:Egress";

    private readonly IReadOnlyList<IPNetwork> _networks = [.. options.Networks.Select(n => IPNetwork.Parse(n))];
    private readonly IReadOnlyList<string> _hosts = [.. options.Hosts];

    /// <summary>Why a connection may not be made; null if it may.</summary>
    /// <param name="isSecure">Whether it will carry TLS.</param>
    /// <param name="host">The name or address that the URL holds.</param>
    /// <param name="addresses">All addresses that the name stands for now: one of them that may not be reached is enough.</param>
    internal string? FaultOf(bool isSecure, string host, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            return $"host '{host}' has no address; correct its name";
        }

        var others = addresses.Where(address => !_networks.Any(network => NetworkRanges.Holds(network, address))).ToList();
        if (others.Count == 0)
        {
            return null;
        }

        if (others.Select(address => (address, use: NetworkRanges.SpecialUse(address))).FirstOrDefault(a => a.use is not null) is (not null, not null) inner)
        {
            return $"host '{host}' leads to {inner.address}, which is not public ({inner.use}); {Remedy}:{nameof(EgressOptions.Networks)}";
        }

        if (!isSecure)
        {
            return $"host '{host}' would be sent to in the clear; use https";
        }

        return _hosts.Count == 0 || _hosts.Any(pattern => Matches(pattern, host)) ? null : $"host '{host}' is not among those allowed; {Remedy}:{nameof(EgressOptions.Hosts)}";
    }

    // "*." asks for a name below: evil-example.com is not below example.com. Only the star is special.
    private static bool Matches(string pattern, string host) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("?", @"\?", StringComparison.Ordinal), host.TrimEnd('.'), ignoreCase: true);
}
