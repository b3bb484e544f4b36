using System.Text.Json;
using Castellan.Models;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Wire = OpenAI.Chat;

namespace Castellan.Models.OpenAI;

/// <summary>Between the messages of Microsoft.Extensions.AI and those of chat completions.</summary>
internal static class ChatConversion
{
    // The library's default writes indented, which every model would pay for in tokens.
    private static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    public static IEnumerable<Wire.ChatMessage> ToMessages(IEnumerable<ChatMessage> messages, ToolNames names)
    {
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System) yield return new SystemChatMessage(message.Text);
            else if (message.Role == ChatRole.Assistant) yield return Assistant(message);
            else if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>()) yield return new ToolChatMessage(result.CallId, TextOf(result));
            }
            else yield return new UserChatMessage(Parts(message));
        }
    }

    public static ChatCompletionOptions ToOptions(ChatOptions? options, OpenAIModel model, ToolNames names)
    {
        var wire = new ChatCompletionOptions
        {
            Temperature = options?.Temperature ?? (float?)model.Parameters?.Temperature,
            TopP = options?.TopP,
        };
        if ((options?.MaxOutputTokens ?? model.Parameters?.MaxOutputTokens) is { } most)
        {
            // Compatible servers know the older name; OpenAI's reasoning models know only the newer.
            if (model.IsOpenAI) wire.MaxOutputTokenCount = most;
#pragma warning disable SCME0001 // JSON patches are marked experimental; there is no other way to the older name
            else wire.Patch.Set("$.max_tokens"u8, most);
#pragma warning restore SCME0001
        }
        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            wire.Tools.Add(ChatTool.CreateFunctionTool(ToolNames.ToWire(tool.Name), tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText())));
        }
        return wire;
    }

    /// <exception cref="ModelUnavailableException">The answer is unusable; another attempt may do better.</exception>
    public static ChatResponse ToResponse(ChatCompletion completion, OpenAIModel model, ToolNames names)
    {
        var message = new ChatMessage(ChatRole.Assistant, []);
        foreach (var part in completion.Content.Where(p => p.Text is { Length: > 0 })) message.Contents.Add(new TextContent(part.Text));
        if (completion.Refusal is { Length: > 0 } refusal) message.Contents.Add(new TextContent(refusal));
        foreach (var call in completion.ToolCalls)
            message.Contents.Add(new FunctionCallContent(call.Id, names.FromWire(call.FunctionName), Arguments(call, model)));
        return new ChatResponse(message)
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            FinishReason = completion.ToolCalls.Count > 0 ? ChatFinishReason.ToolCalls : completion.FinishReason switch
            {
                Wire.ChatFinishReason.Length => ChatFinishReason.Length,
                Wire.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
                _ => ChatFinishReason.Stop,
            },
            Usage = completion.Usage is { } usage
                ? new UsageDetails
                {
                    InputTokenCount = usage.InputTokenCount,
                    OutputTokenCount = usage.OutputTokenCount,
                    TotalTokenCount = usage.TotalTokenCount,
                    CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
                    ReasoningTokenCount = usage.OutputTokenDetails?.ReasoningTokenCount,
                }
                : null,
        };
    }

    private static AssistantChatMessage Assistant(ChatMessage message)
    {
        var calls = message.Contents.OfType<FunctionCallContent>()
            .Select(c => ChatToolCall.CreateFunctionToolCall(c.CallId, ToolNames.ToWire(c.Name), BinaryData.FromString(JsonSerializer.Serialize(c.Arguments, Compact))))
            .ToList();
        if (calls.Count == 0) return new AssistantChatMessage(message.Text);
        var assistant = new AssistantChatMessage(calls);
        if (message.Text.Length > 0) assistant.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        return assistant;
    }

    private static IEnumerable<ChatMessageContentPart> Parts(ChatMessage message) => message.Contents.Select(content => content switch
    {
        DataContent data when data.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(data.Data), data.MediaType),
        UriContent uri when uri.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(uri.Uri),
        TextContent text => ChatMessageContentPart.CreateTextPart(text.Text),
        _ => throw new ModelRefusedException($"content of type {content.GetType().Name} cannot be sent to this model", "send text or images"),
    });

    private static string TextOf(FunctionResultContent result)
    {
        var outcome = ToolOutcome.Of(result);
        return outcome.Ok ? outcome.Text : $"The call failed: {outcome.Text}";
    }

    private static Dictionary<string, object?> Arguments(ChatToolCall call, OpenAIModel model)
    {
        try
        {
            var json = call.FunctionArguments.ToString();
            return json.Trim() is "" or "null" ? [] : JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions)!;
        }
        catch (JsonException e)
        {
            throw new ModelUnavailableException(
                $"model '{model.Name}' called '{call.FunctionName}' with arguments that are no JSON object ({e.Message})", "try again, or use a model that is better at calling tools", 200, inner: e);
        }
    }
}
