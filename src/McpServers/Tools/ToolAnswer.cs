using System.Text.Json.Nodes;

namespace Castellan.McpServers.Tools;

/// <summary>What a tool found or did.</summary>
/// <param name="Text">For a language model: compact, the essential first.</param>
/// <param name="Data">The same as structured content, for programs and runbooks.</param>
internal sealed record ToolAnswer(string Text, JsonObject Data);
