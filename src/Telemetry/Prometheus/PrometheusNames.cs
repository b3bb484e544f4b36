using Castellan.Telemetry.Metrics;

namespace Castellan.Telemetry.Prometheus;

/// <summary>Names in Prometheus' form.</summary>
/// <remarks>Source: OpenTelemetry, "Prometheus and OpenMetrics Compatibility".</remarks>
internal static class PrometheusNames
{
    public static string Of(string name, string unit, MetricKind kind)
    {
        var plain = Label(name);
        if (UnitOf(unit) is { } suffix && !plain.EndsWith($"_{suffix}", StringComparison.Ordinal)) plain = $"{plain}_{suffix}";
        return kind == MetricKind.Counter && !plain.EndsWith("_total", StringComparison.Ordinal) ? $"{plain}_total" : plain;
    }

    /// <summary>The unit as a word; <see langword="null"/> for things that are counted.</summary>
    public static string? UnitOf(string unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => null,
    };

    /// <summary>A name with nothing but letters, digits and underscores.</summary>
    public static string Label(string name)
    {
        if (!name.AsSpan().ContainsAnyExcept(Allowed)) return name;
        return string.Create(name.Length, name, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++) target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        });
    }

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}
