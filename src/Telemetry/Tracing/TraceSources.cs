namespace Castellan.Telemetry.Tracing;

/// <summary>Names of the sources of spans, for whoever exports them.</summary>
public static class TraceSources
{
    /// <summary>Calls and runs, as the gateway sees them.</summary>
    public const string Gateway = "Castellan.Gateway";

    /// <summary>MCP requests, at the side that sends them and at the side that answers them.</summary>
    public const string Mcp = "Castellan.Mcp";

    /// <summary>Orchestrations and activities.</summary>
    public const string Workflows = "Castellan.Workflows";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Gateway, Mcp, Workflows];
}
