using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Hosting;

/// <summary>Where the gateway exchanges what it knows of a call for delegation tokens.</summary>
/// <param name="Endpoint">URL of the authority's token endpoint.</param>
/// <param name="Authority">Who must answer there.</param>
public sealed record TokenExchangeSetup(Uri Endpoint, SpiffeId Authority);
