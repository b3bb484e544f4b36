using System.Globalization;

namespace Castellan.Rpc.Wire;

/// <summary>The <c>grpc-timeout</c> header: one to eight digits and a unit of H, M, S, m, u or n.</summary>
internal static class GrpcTimeout
{
    private const long MaxValue = 99_999_999;

    /// <summary>Longest timer that .NET takes; a longer deadline is cut to it (24 days).</summary>
    private static readonly TimeSpan s_ceiling = TimeSpan.FromMilliseconds(int.MaxValue - 1);

    public static string Format(TimeSpan timeout)
    {
        var milliseconds = Math.Max(1, (long)Math.Ceiling(timeout.TotalMilliseconds));
        return milliseconds <= MaxValue
            ? milliseconds.ToString(CultureInfo.InvariantCulture) + "m"
            : Math.Min(MaxValue, milliseconds / 1000).ToString(CultureInfo.InvariantCulture) + "S";
    }

    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        double? milliseconds = text[^1] switch
        {
            'H' => count * 3_600_000d,
            'M' => count * 60_000d,
            'S' => count * 1_000d,
            'm' => count,
            'u' => count / 1_000d,
            'n' => count / 1_000_000d,
            _ => null,
        };
        if (milliseconds is not { } value)
        {
            return false;
        }

        timeout = value >= s_ceiling.TotalMilliseconds ? s_ceiling : TimeSpan.FromMilliseconds(value);
        return true;
    }
}
