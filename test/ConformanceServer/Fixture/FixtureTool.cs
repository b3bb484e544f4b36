using System.Text.Json;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>Makes the fixture's tools.</summary>
internal static class FixtureTool
{
    /// <param name="name">Name that the suite calls.</param>
    /// <param name="body">What it does.</param>
    /// <param name="schema">Its input schema; null takes that of the body's parameters.</param>
    public static McpServerTool Of(string name, Delegate body, string? schema = null)
    {
        var tool = McpServerTool.Create(body, new McpServerToolCreateOptions { Name = name, Description = $"Fixture {name} of the conformance suite." });
        if (schema is not null)
        {
            tool.ProtocolTool.InputSchema = JsonElement.Parse(schema);
        }

        return tool;
    }
}
