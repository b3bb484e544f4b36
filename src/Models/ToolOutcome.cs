using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Castellan.Models;

/// <summary>What a tool returned, as it stands in a conversation.</summary>
/// <param name="Ok">False when the tool failed, or the call was denied or refused.</param>
/// <param name="Text">What a language model reads.</param>
/// <param name="Data">The structured content; <see langword="null"/> without.</param>
/// <remarks>
/// A run puts a tool's result into the conversation as a JSON object <c>{text, data, isError}</c>: language models are shown the text
/// alone, runbooks also see the data. Any other result counts as text.
/// </remarks>
public sealed record ToolOutcome(bool Ok, string Text, JsonElement? Data)
{
    /// <summary>Reads a result as it stands in a message.</summary>
    /// <param name="content">The result; after a journey over the wire its value is a <see cref="JsonElement"/>.</param>
    public static ToolOutcome Of(FunctionResultContent content) => content.Result switch
    {
        null => new(content.Exception is null, content.Exception?.Message ?? "", null),
        string text => new(true, text, null),
        JsonElement { ValueKind: JsonValueKind.String } text => new(true, text.GetString()!, null),
        JsonElement json => Of(json),
        JsonNode node => Of(JsonSerializer.SerializeToElement(node)),
        var other => Of(JsonSerializer.SerializeToElement(other, AIJsonUtilities.DefaultOptions)),
    };

    private static ToolOutcome Of(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String)
            return new(true, json.GetRawText(), json);
        var failed = json.TryGetProperty("isError", out var isError) && isError.ValueKind == JsonValueKind.True;
        JsonElement? data = json.TryGetProperty("data", out var found) && found.ValueKind != JsonValueKind.Null ? found : null;
        return new(!failed, text.GetString()!, data);
    }
}
