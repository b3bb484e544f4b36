using System.Runtime.CompilerServices;
using Castellan.Telemetry.Tracing;
using Microsoft.Extensions.Configuration;

namespace Castellan.ServiceDefaults.Telemetry;

/// <summary>
/// Sends spans to a collector, as OpenTelemetry's standard environment variables say: on with <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (or that of
/// traces alone), otherwise off. While it is off no part of OpenTelemetry's library is loaded, and the sources of spans have no listener.
/// </summary>
public static class TelemetryExport
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Starts the export that the environment asks for.</summary>
    /// <param name="service">Value of <c>service.name</c> unless <c>OTEL_SERVICE_NAME</c> says another.</param>
    /// <returns>Sends what is left and ends, when disposed; <see langword="null"/> when none is asked for.</returns>
    public static IDisposable? Start(string service) => Start(service, new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <inheritdoc cref="Start(string)"/>
    /// <param name="service">Value of <c>service.name</c> unless the settings say another.</param>
    /// <param name="settings">The variables, by name.</param>
    public static IDisposable? Start(string service, IConfiguration settings) => IsWanted(settings) ? Open(service, settings) : null;

    /// <summary>True if something shall be sent.</summary>
    /// <param name="settings">The variables, by name.</param>
    public static bool IsWanted(IConfiguration settings) =>
        !string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase) && Endpoints.Any(name => settings[name] is { Length: > 0 });

    // A method of its own: what it names is loaded when it is first run.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IDisposable Open(string service, IConfiguration settings)
    {
        ContentCapture.IsOn = string.Equals(settings[ContentCapture.Variable], "true", StringComparison.OrdinalIgnoreCase);
        return OtlpProviders.Open(service, settings);
    }
}
