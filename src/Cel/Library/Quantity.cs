using System.Globalization;
using System.Numerics;

namespace Castellan.Cel.Library;

/// <summary>An amount of a resource, such as 500m or 1.5Gi, held exactly in billionths.</summary>
/// <remarks>Source: Kubernetes API reference, "Quantity".</remarks>
internal sealed class Quantity(BigInteger nanos, string text) : CelOpaque
{
    public static readonly CelType CelType = CelType.Opaque("kubernetes.Quantity");
    private const int LongestText = 64;
    private static readonly BigInteger Billion = 1_000_000_000;
    private static readonly BigInteger Largest = long.MaxValue * Billion;

    private static readonly Dictionary<string, BigInteger> Suffixes = new()
    {
        ["n"] = 1, ["u"] = 1_000, ["m"] = 1_000_000, [""] = Billion,
        ["k"] = Billion * 1_000, ["M"] = Billion * 1_000_000, ["G"] = Billion * Billion, ["T"] = Billion * BigInteger.Pow(10, 12),
        ["P"] = Billion * BigInteger.Pow(10, 15), ["E"] = Billion * BigInteger.Pow(10, 18),
        ["Ki"] = Billion << 10, ["Mi"] = Billion << 20, ["Gi"] = Billion << 30, ["Ti"] = Billion << 40, ["Pi"] = Billion << 50, ["Ei"] = Billion << 60,
    };

    public BigInteger Nanos { get; } = nanos;

    public override CelType Type => CelType;

    public bool IsWhole => Nanos % Billion == 0 && BigInteger.Abs(Nanos / Billion) <= long.MaxValue;

    public long Whole => (long)(Nanos / Billion);

    public double Approximate => (double)Nanos / 1e9;

    public static Quantity Of(BigInteger nanos) => new(nanos, nanos % Billion == 0
        ? (nanos / Billion).ToString(CultureInfo.InvariantCulture)
        : nanos % 1_000_000 == 0 ? $"{(nanos / 1_000_000).ToString(CultureInfo.InvariantCulture)}m" : $"{nanos.ToString(CultureInfo.InvariantCulture)}n");

    /// <summary>Reads a quantity; amounts between billionths are rounded away from zero, as Kubernetes does.</summary>
    public static Quantity? Parse(string text)
    {
        if (text.Length is 0 or > LongestText) return null;
        var start = text[0] is '+' or '-' ? 1 : 0;
        var end = start;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
        var parts = text[start..end].Split('.');
        var digits = string.Concat(parts);
        if (parts.Length > 2 || digits.Length == 0) return null;
        var fraction = parts.Length == 2 ? parts[1].Length : 0;
        if (!TryScale(text[end..], out var scale, out var exponent)) return null;
        var scaled = BigInteger.Parse(digits, CultureInfo.InvariantCulture) * scale * BigInteger.Pow(10, Math.Max(0, exponent));
        var divisor = BigInteger.Pow(10, fraction + Math.Max(0, -exponent));
        var (whole, rest) = BigInteger.DivRem(scaled, divisor);
        var nanos = rest.IsZero ? whole : whole + 1;
        return nanos > Largest ? null : new Quantity(text[0] == '-' ? -nanos : nanos, text);
    }

    public override bool Equals(object? obj) => obj is Quantity other && Nanos == other.Nanos;

    public override int GetHashCode() => Nanos.GetHashCode();

    public override string ToString() => text;

    private static bool TryScale(string suffix, out BigInteger scale, out int exponent)
    {
        exponent = 0;
        if (Suffixes.TryGetValue(suffix, out scale)) return true;
        scale = Billion;
        return suffix.Length is > 1 and < 5 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) && Math.Abs(exponent) <= 60;
    }
}
