using System.Globalization;

namespace Castellan.LocalCluster.Controllers.Scheduling;

/// <summary>Reads Kubernetes quantities such as <c>250m</c>, <c>64Mi</c>, <c>1e3</c>.</summary>
/// <remarks>Source: apimachinery pkg/api/resource/quantity.go.</remarks>
internal static class Quantity
{
    private static readonly Dictionary<string, decimal> Suffixes = new()
    {
        [""] = 1, ["n"] = 1e-9m, ["u"] = 1e-6m, ["m"] = 1e-3m, ["k"] = 1e3m, ["M"] = 1e6m, ["G"] = 1e9m, ["T"] = 1e12m, ["P"] = 1e15m, ["E"] = 1e18m,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    public static decimal? TryParse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]) && text[end - 1] != '.') end--;
        if (Suffixes.TryGetValue(text[end..], out var factor) && decimal.TryParse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return number * factor;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) ? number : null;
    }

    public static decimal? Of(IDictionary<string, string>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var text) ? TryParse(text) : null;
}
