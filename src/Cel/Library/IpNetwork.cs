using System.Globalization;
using System.Net;

namespace Castellan.Cel.Library;

/// <summary>An address with the length of its network prefix.</summary>
internal sealed class IpNetwork(IpAddress address, int prefix) : CelOpaque
{
    public static readonly CelType CelType = CelType.Opaque("net.CIDR");

    public IpAddress Address { get; } = address;

    public int Prefix { get; } = prefix;

    public override CelType Type => CelType;

    public static IpNetwork? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || IpAddress.Parse(text[..slash]) is not { Address.IsIPv4MappedToIPv6: false } address) return null;
        var digits = text[(slash + 1)..];
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')) return null;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)) return null;
        return prefix <= (address.IsVersion4 ? 32 : 128) ? new IpNetwork(address, prefix) : null;
    }

    public bool Contains(IpAddress other) =>
        IsVersion4 == other.IsVersion4 && Mask(other.Plain, Prefix).Equals(Mask(Address.Plain, Prefix));

    public bool Contains(IpNetwork other) => other.Prefix >= Prefix && Contains(other.Address);

    public IpNetwork Masked() => new(new IpAddress(Mask(Address.Plain, Prefix)), Prefix);

    public override bool Equals(object? obj) => obj is IpNetwork other && Prefix == other.Prefix && Address.Equals(other.Address);

    public override int GetHashCode() => HashCode.Combine(Address, Prefix);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Prefix}");

    private bool IsVersion4 => Address.IsVersion4;

    private static IPAddress Mask(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }
        return new IPAddress(bytes);
    }
}
