using Castellan.Cli.Resources;

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

    public const int DefaultApiPort = 16443;
    public const int DefaultGatewayPort = 18443;
}
