using System.Net;
using System.Net.Sockets;

namespace Castellan.Cel.Library;

/// <summary>The network extension: addresses and networks, as Kubernetes has them.</summary>
internal static class NetworkLibrary
{
    private static readonly CelType Ip = IpAddress.CelType;
    private static readonly CelType Cidr = IpNetwork.CelType;
    private static readonly CelType S = CelType.String;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("ip", [S], Ip, a => Address(a[0].Text)),
        CelOverload.Global("isIP", [S], CelType.Bool, a => CelValue.From(IpAddress.Parse(a[0].Text) is not null)),
        CelOverload.Global("ip.isCanonical", [S], CelType.Bool, a =>
            IpAddress.Parse(a[0].Text) is { } address ? CelValue.From(address.ToString() == a[0].Text) : Address(a[0].Text)),
        CelOverload.Global("string", [Ip], S, a => CelValue.From(a[0].AsOpaque.ToString())),
        CelOverload.Member("family", [Ip], CelType.Int, a => CelValue.From(Of(a[0]).IsVersion4 ? 4L : 6L)),
        Test("isUnspecified", a => a.Plain.Equals(IPAddress.Any) || a.Plain.Equals(IPAddress.IPv6Any)),
        Test("isLoopback", a => IPAddress.IsLoopback(a.Plain)),
        Test("isLinkLocalMulticast", a => a.IsVersion4 ? StartsWith(a, 224, 0, 0) : Bytes(a) is [0xFF, var scope, ..] && (scope & 0x0F) == 2),
        Test("isLinkLocalUnicast", a => a.IsVersion4 ? StartsWith(a, 169, 254) : Bytes(a) is [0xFE, var second, ..] && (second & 0xC0) == 0x80),
        Test("isGlobalUnicast", IsGlobalUnicast),
        CelOverload.Global("cidr", [S], Cidr, a => Network(a[0].Text)),
        CelOverload.Global("isCIDR", [S], CelType.Bool, a => CelValue.From(IpNetwork.Parse(a[0].Text) is not null)),
        CelOverload.Global("string", [Cidr], S, a => CelValue.From(a[0].AsOpaque.ToString())),
        CelOverload.Member("ip", [Cidr], Ip, a => CelValue.From(Network(a[0]).Address)),
        CelOverload.Member("masked", [Cidr], Cidr, a => CelValue.From(Network(a[0]).Masked())),
        CelOverload.Member("prefixLength", [Cidr], CelType.Int, a => CelValue.From((long)Network(a[0]).Prefix)),
        CelOverload.Member("containsIP", [Cidr, Ip], CelType.Bool, a => CelValue.From(Network(a[0]).Contains(Of(a[1])))),
        CelOverload.Member("containsIP", [Cidr, S], CelType.Bool, a =>
            Address(a[1].Text) is { IsError: false } other ? CelValue.From(Network(a[0]).Contains(Of(other))) : Address(a[1].Text)),
        CelOverload.Member("containsCIDR", [Cidr, Cidr], CelType.Bool, a => CelValue.From(Network(a[0]).Contains(Network(a[1])))),
        CelOverload.Member("containsCIDR", [Cidr, S], CelType.Bool, a =>
            Network(a[1].Text) is { IsError: false } other ? CelValue.From(Network(a[0]).Contains(Network(other))) : Network(a[1].Text)),
    ];

    private static CelOverload Test(string name, Func<IpAddress, bool> test) =>
        CelOverload.Member(name, [Ip], CelType.Bool, a => CelValue.From(test(Of(a[0]))));

    private static CelValue Address(string text) => IpAddress.Parse(text) is { } address
        ? CelValue.From(address)
        : CelValue.Fail($"{Formatting.Hint(CelValue.From(text))} is no IP address; IPv4-mapped addresses and zones are not allowed");

    private static CelValue Network(string text) => IpNetwork.Parse(text) is { } network
        ? CelValue.From(network)
        : CelValue.Fail($"{Formatting.Hint(CelValue.From(text))} is no network in CIDR notation; IPv4-mapped addresses and zones are not allowed");

    private static IpAddress Of(in CelValue value) => (IpAddress)value.AsOpaque;

    private static IpNetwork Network(in CelValue value) => (IpNetwork)value.AsOpaque;

    private static byte[] Bytes(IpAddress address) => address.Plain.GetAddressBytes();

    private static bool StartsWith(IpAddress address, params ReadOnlySpan<byte> prefix) => Bytes(address).AsSpan().StartsWith(prefix);

    private static bool IsGlobalUnicast(IpAddress address)
    {
        var plain = address.Plain;
        if (plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) || plain.Equals(IPAddress.Broadcast) || IPAddress.IsLoopback(plain)) return false;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6) return !plain.IsIPv6Multicast && !plain.IsIPv6LinkLocal;
        return Bytes(address)[0] is < 224 or > 239 && !StartsWith(address, 169, 254);
    }
}
