using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.Digests;
using Castellan.Policy;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Integrity;

/// <summary>Reads the definitions of a listing: everything that a model reads of a tool, and that policy may rest on. Pure.</summary>
internal static class ToolDefinitions
{
    /// <summary>Longest canonical form of one definition; nobody could look through more.</summary>
    internal const int Longest = 256 * 1024;

    /// <summary>The tools of a listing by name, each once.</summary>
    internal static IReadOnlyList<ListedTool> Read(ToolServer server, IEnumerable<Tool> listing) =>
        [.. listing.Select(tool => Read(server, tool)).GroupBy(tool => tool.Tool.Name, StringComparer.Ordinal).Select(Once).OrderBy(tool => tool.Tool.Name, StringComparer.Ordinal)];

    internal static JsonObject Of(Tool tool)
    {
        var definition = new JsonObject { ["name"] = tool.Name };
        Add("title", tool.Title);
        Add("description", tool.Description);
        Add("inputSchema", JsonNode.Parse(tool.InputSchema.GetRawText()));
        Add("outputSchema", tool.OutputSchema is { } output ? JsonNode.Parse(output.GetRawText()) : null);
        Add("annotations", tool.Annotations is { } claims ? JsonSerializer.SerializeToNode(claims, McpJsonUtilities.DefaultOptions) : null);
        return definition;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                definition[name] = value;
            }
        }
    }

    /// <summary>What a server claims about a tool, with the protocol's defaults where it says nothing.</summary>
    internal static CallAnnotations ClaimsOf(Tool tool)
    {
        var (claims, silent) = (tool.Annotations, CallAnnotations.Silent);
        return new CallAnnotations
        {
            ReadOnly = claims?.ReadOnlyHint ?? silent.ReadOnly,
            Destructive = claims?.DestructiveHint ?? silent.Destructive,
            Idempotent = claims?.IdempotentHint ?? silent.Idempotent,
            OpenWorld = claims?.OpenWorldHint ?? silent.OpenWorld,
            Title = tool.Title ?? claims?.Title ?? silent.Title,
        };
    }

    private static ListedTool Read(ToolServer server, Tool tool)
    {
        var read = ToolReading.Read(server, tool) with { Annotations = ClaimsOf(tool) };
        try
        {
            var definition = Of(tool);
            var text = CanonicalJson.Write(definition);
            return text.Length > Longest
                ? Faulty(read, $"its definition has {text.Length} characters; at most {Longest} can be pinned")
                : new ListedTool(read with { Digest = CanonicalJson.DigestOf(text) }, definition) { Concealment = Concealment.Of(definition) };
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentException or InvalidOperationException)
        {
            return Faulty(read, $"its definition has no canonical form: {e.Message}");
        }
    }

    // Which of two definitions under one name is meant is for nobody to guess.
    private static ListedTool Once(IGrouping<string, ListedTool> same) =>
        same.Select(tool => tool.Tool.Digest).Distinct(StringComparer.Ordinal).Count() == 1 ? same.First() : Faulty(same.First().Tool, "the server lists it more than once, with different definitions");

    private static ListedTool Faulty(CatalogTool tool, string fault)
    {
        var stand = new JsonObject { ["name"] = tool.Name, ["unreadable"] = fault };
        return new ListedTool(tool with { Digest = CanonicalJson.Digest(stand) }, stand) { Fault = fault };
    }
}
