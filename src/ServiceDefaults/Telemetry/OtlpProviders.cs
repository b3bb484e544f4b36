using Castellan.Telemetry.Metrics;
using Castellan.Telemetry.Tracing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Castellan.ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry's own providers, which read endpoint, protocol, headers, sampler and resource from the settings by themselves.</summary>
internal sealed class OtlpProviders : IDisposable
{
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    private OtlpProviders(TracerProvider? traces, MeterProvider? metrics) => (_traces, _metrics) = (traces, metrics);

    public static OtlpProviders Open(string service, IConfiguration settings) => new(
        IsOn(settings, "TRACES")
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(settings))
                .ConfigureResource(resource => Describe(resource, service, settings))
                .AddSource([.. TraceSources.All])
                .AddOtlpExporter()
                .Build()
            : null,
        IsOn(settings, "METRICS")
            ? Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(settings))
                .ConfigureResource(resource => Describe(resource, service, settings))
                .AddMeter(CastellanMeter.Name)
                .AddOtlpExporter()
                .Build()
            : null);

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static bool IsOn(IConfiguration settings, string signal) =>
        settings[$"OTEL_{signal}_EXPORTER"] is not "none" && (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? settings[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]) is { Length: > 0 };

    private static void Describe(ResourceBuilder resource, string service, IConfiguration settings)
    {
        var instance = settings["POD_NAME"] ?? Environment.MachineName;
        resource.AddService(settings["OTEL_SERVICE_NAME"] is { Length: > 0 } named ? named : service, serviceVersion: typeof(OtlpProviders).Assembly.GetName().Version!.ToString(3),
            autoGenerateServiceInstanceId: false, serviceInstanceId: $"{instance}/{Environment.ProcessId}");
        var known = new (string Name, string? Value)[]
        {
            ("k8s.pod.name", settings["POD_NAME"]), ("k8s.namespace.name", settings["POD_NAMESPACE"]),
            ("castellan.agent", settings["CASTELLAN_AGENT"]), ("castellan.tool_server", settings["CASTELLAN_TOOL_SERVER"]),
        };
        resource.AddAttributes(known.Where(k => k.Value is { Length: > 0 }).Select(k => KeyValuePair.Create(k.Name, (object)k.Value!)));
    }
}
