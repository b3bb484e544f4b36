using System.Net;
using System.Net.Sockets;

namespace Castellan.Policy.Guards;

/// <summary>Which addresses are not of the public Internet, however they are written or wrapped.</summary>
/// <remarks>Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890), RFC 6052 and RFC 8215 (NAT64), RFC 3056 (6to4), RFC 5214 (ISATAP).</remarks>
public static class NetworkRanges
{
    private static readonly (IPNetwork Network, string Name)[] Special =
    [
        .. Named("unspecified", "0.0.0.0/8", "::/128"), .. Named("loopback", "127.0.0.0/8", "::1/128"),
        .. Named("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"), .. Named("link-local", "169.254.0.0/16", "fe80::/10"),
        .. Named("carrier-grade NAT", "100.64.0.0/10"), .. Named("multicast", "224.0.0.0/4", "ff00::/8"), .. Named("broadcast", "255.255.255.255/32"),
        .. Named("reserved", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "100::/64", "2001::/23", "64:ff9b:1::/48", "5f00::/16"),
        .. Named("documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"), .. Named("benchmarking", "198.18.0.0/15"),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private static readonly string[] LocalNames =
    [
        "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "svc", "test", "invalid", "onion", "home.arpa",
        // Public names that lead to the address that is written in them, or home.
        "nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me",
    ];

    /// <summary>What kind of special address it is, for messages; <see langword="null"/> for one of the public Internet.</summary>
    public static string? SpecialUse(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var (network, name) in Special)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address)) return name;
        }
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return null;
        if (Embedded(address) is { } inner) return SpecialUse(inner) is { } use ? $"{use} within IPv6" : null;
        return GlobalUnicast.Contains(address) ? null : "reserved";
    }

    /// <summary>Whether a host is, or by its name leads to, something that is not of the public Internet. What cannot be told counts as private.</summary>
    /// <param name="host">A name or an address in any notation, with or without port and brackets.</param>
    public static bool IsPrivateHost(string host)
    {
        var plain = HostScan.Plain(host.AsSpan().Trim());
        // Also 2130706433, 0x7f.1 and 017700000001: IPAddress reads what inet_aton reads.
        if (IPAddress.TryParse(plain, out var address)) return SpecialUse(address) is not null;
        if (plain.Length == 0 || plain.Any(c => c > '~' || c <= ' ') || !plain.Contains('.')) return true;
        return LocalNames.Any(name => plain == name || plain.EndsWith($".{name}", StringComparison.Ordinal));
    }

    /// <summary>Whether a network holds an address, which may be written as IPv4 in IPv6.</summary>
    public static bool Holds(IPNetwork network, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address);
    }

    // The IPv4 address that a packet for this one reaches in the end.
    private static IPAddress? Embedded(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (SixToFour.Contains(address)) return new IPAddress(bytes.AsSpan(2, 4));
        if (Nat64.Contains(address)) return new IPAddress(bytes.AsSpan(12, 4));
        if (bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0) return new IPAddress(bytes.AsSpan(12, 4)); // RFC 4291, section 2.5.5.1
        return bytes is [.., 0x5E, 0xFE, _, _, _, _] && bytes[8] is 0x00 or 0x02 && bytes[9] == 0 ? new IPAddress(bytes.AsSpan(12, 4)) : null;
    }

    private static IEnumerable<(IPNetwork, string)> Named(string name, params string[] networks) => networks.Select(n => (IPNetwork.Parse(n), name));
}
