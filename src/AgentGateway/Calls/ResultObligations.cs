using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Guards;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Calls;

/// <summary>Does to the result of a tool what policy obliges to, before anybody sees or stores it.</summary>
internal static class ResultObligations
{
    /// <summary>The end of a call whose tool gave this result.</summary>
    internal static CallResult Complete(CallSpec spec, ToolContent content, int attempt = 0)
    {
        var obligations = spec.Decision.Obligations;
        var inspected = InspectedResult.Of(obligations?.InspectResult, Redacted(obligations, content));
        var result = inspected.IsWithheld
            ? CallTexts.Ended(spec, CallState.Withheld, CallTexts.Withheld(spec, inspected.Findings), attempt)
            : CallTexts.Completed(spec, (inspected with { Content = Limited(obligations, inspected.Content) }).Marked(), attempt: attempt);
        return result with { Findings = inspected.Findings is { Count: > 0 } findings ? findings : null };
    }

    internal static ToolContent Apply(Obligations? obligations, ToolContent content) => Limited(obligations, Redacted(obligations, content));

    private static ToolContent Redacted(Obligations? obligations, ToolContent content) =>
        obligations is { RedactResult.Count: > 0 } ? Redact([.. obligations.RedactResult.Select(JsonPath.Parse)], content) : content;

    private static ToolContent Limited(Obligations? obligations, ToolContent content) => obligations?.MaxResultBytes is { } most ? Cut(content, most) : content;

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
