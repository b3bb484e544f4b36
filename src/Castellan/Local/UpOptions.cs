using Castellan.Cli.Resources;
using Microsoft.Extensions.Configuration;

namespace Castellan.Cli.Local;

/// <summary>What <c>castellan up</c> was asked for.</summary>
/// <param name="Paths">Where state is kept.</param>
/// <param name="ApiPort">Port of the API server; 0 takes any free one.</param>
/// <param name="GatewayPort">Port of the gateway's edge listener; 0 takes any free one.</param>
/// <param name="Model">The model that <c>--model</c> named; null leaves runbooks in place.</param>
internal sealed record UpOptions(StatePaths Paths, int ApiPort, int GatewayPort, ModelOverride? Model)
{
    /// <summary>Trust domain of local mode's identities.</summary>
    public const string TrustDomain = "castellan.local";

    /// <summary>Port of <c>/metrics</c> on loopback; null serves none.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>The collector that spans and metrics are sent to; null leaves that to the environment.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>The variables of telemetry: those of the environment, unless the command line says another collector.</summary>
    public IConfiguration Telemetry() => new ConfigurationBuilder().AddEnvironmentVariables()
        .AddInMemoryCollection(Otlp is null ? [] : [KeyValuePair.Create("OTEL_EXPORTER_OTLP_ENDPOINT", (string?)Otlp.AbsoluteUri.TrimEnd('/'))]).Build();

    public const int DefaultApiPort = 16443;
    public const int DefaultGatewayPort = 18443;
}
