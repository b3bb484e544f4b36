using Microsoft.Extensions.Configuration;

namespace Castellan.ServiceDefaults.Telemetry;

/// <summary>Which variables of telemetry one process hands on to the pods that it starts.</summary>
public static class TelemetryEnvironment
{
    // Not OTEL_EXPORTER_OTLP_HEADERS: it is where collectors want their keys, and a pod's spec is no place for a key.
    private static readonly string[] Names =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
    ];

    /// <summary>True for a variable that may stand in a pod's spec.</summary>
    public static bool MayBePassed(string name) => Names.Contains(name, StringComparer.Ordinal);

    /// <summary>What pods are told; nothing when this process exports nothing itself.</summary>
    /// <param name="settings">The variables of this process.</param>
    public static IDictionary<string, string> ForPods(IConfiguration settings) => TelemetryExport.IsWanted(settings)
        ? Names.Where(name => settings[name] is { Length: > 0 }).ToDictionary(name => name, name => settings[name]!, StringComparer.Ordinal)
        : new Dictionary<string, string>();
}
