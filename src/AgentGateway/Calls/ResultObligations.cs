using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Calls;

/// <summary>Does to the result of a tool what policy obliges to, before anybody sees or stores it.</summary>
internal static class ResultObligations
{
    internal static ToolContent Apply(Obligations? obligations, ToolContent content)
    {
        if (obligations is null)
        {
            return content;
        }

        var redacted = obligations.RedactResult.Count > 0 ? Redact([.. obligations.RedactResult.Select(JsonPath.Parse)], content) : content;
        return obligations.MaxResultBytes is { } most ? Cut(redacted, most) : redacted;
    }

    private static ToolContent Redact(IReadOnlyList<JsonPath> paths, ToolContent content)
    {
        var data = content.Data is { } json ? JsonNode.Parse(json.GetRawText()) : null;
        var isFound = paths.Sum(path => path.Redact(data)) > 0;
        var text = RedactText(paths, content.Text);
        return content with
        {
            // Text that is no JSON may say in words what was taken out of the structure: then the structure speaks alone.
            Text = text ?? (isFound ? data!.ToJsonString() : content.Text),
            Data = isFound ? JsonSerializer.SerializeToElement(data) : content.Data,
            Blocks = content.Blocks is { } blocks && !(isFound && text is null) ? RedactBlocks(paths, blocks) : null,
        };
    }

    private static JsonElement RedactBlocks(IReadOnlyList<JsonPath> paths, JsonElement blocks)
    {
        var all = JsonNode.Parse(blocks.GetRawText());
        foreach (var holder in (all as JsonArray ?? []).OfType<JsonObject>().SelectMany(block => new[] { block, block["resource"] as JsonObject }).OfType<JsonObject>())
        {
            if (holder["text"] is JsonValue value && value.TryGetValue<string>(out var text) && RedactText(paths, text) is { } kept)
            {
                holder["text"] = kept;
            }
        }

        return JsonSerializer.SerializeToElement(all);
    }

    // Null if it is no JSON.
    private static string? RedactText(IReadOnlyList<JsonPath> paths, string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return null;
        }

        try
        {
            var json = JsonNode.Parse(text);
            return paths.Sum(path => path.Redact(json)) > 0 ? json!.ToJsonString() : text;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static ToolContent Cut(ToolContent content, int most)
    {
        var length = Encoding.UTF8.GetByteCount(content.Text);
        var isTooLong = length > most;
        return content with
        {
            Text = isTooLong ? $"{Start(content.Text, most)}\n[cut off: {length} bytes, policy lets {most} pass]" : content.Text,
            Data = content.Data is { } data && Encoding.UTF8.GetByteCount(data.GetRawText()) <= most ? data : null,
            Blocks = !isTooLong && content.Blocks is { } blocks && Encoding.UTF8.GetByteCount(blocks.GetRawText()) <= most ? blocks : null,
        };
    }

    // Whole characters of at most so many bytes.
    private static string Start(string text, int most)
    {
        Encoding.UTF8.GetEncoder().Convert(text, new byte[most], flush: false, out var used, out _, out _);
        return text[..used];
    }
}
