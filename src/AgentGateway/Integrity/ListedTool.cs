using System.Text.Json.Nodes;
using Castellan.AgentGateway.Discovery;

namespace Castellan.AgentGateway.Integrity;

/// <summary>A tool as its server lists it now.</summary>
/// <param name="Tool">What the gateway makes of it.</param>
/// <param name="Definition">What is pinned and approved: its canonical form has the tool's digest.</param>
internal sealed record ListedTool(CatalogTool Tool, JsonObject Definition)
{
    /// <summary>Why it cannot be pinned at all; null if it can.</summary>
    internal string? Fault { get; init; }

    /// <summary>Where it holds characters that people do not see; null if nowhere.</summary>
    internal string? Concealment { get; init; }
}
