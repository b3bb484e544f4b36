using System.Net;
using System.Net.Sockets;

namespace Castellan.Cel.Library;

/// <summary>An IPv4 or IPv6 address.</summary>
internal sealed class IpAddress(IPAddress address) : CelOpaque
{
    public static readonly CelType CelType = CelType.Opaque("net.IP");

    public IPAddress Address { get; } = address;

    public override CelType Type => CelType;

    /// <summary>The address, with an IPv4 address written as IPv6 taken as the IPv4 address that it is.</summary>
    public IPAddress Plain => Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address;

    public bool IsVersion4 => Plain.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>Reads an address; not one with a zone, nor IPv4 in dots inside IPv6.</summary>
    public static IpAddress? Parse(string text)
    {
        if (text.Contains('%', StringComparison.Ordinal) || (text.Contains(':', StringComparison.Ordinal) && text.Contains('.', StringComparison.Ordinal))) return null;
        if (text.Contains('.', StringComparison.Ordinal) && !IsDotted(text)) return null;
        if (!text.Contains(':', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal)) return null;
        return !text.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address) ? new IpAddress(address) : null;
    }

    public override bool Equals(object? obj) => obj is IpAddress other && Plain.Equals(other.Plain);

    public override int GetHashCode() => Plain.GetHashCode();

    public override string ToString() => Plain.ToString();

    // .NET also takes octal parts and fewer than four.
    private static bool IsDotted(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'));
    }
}
