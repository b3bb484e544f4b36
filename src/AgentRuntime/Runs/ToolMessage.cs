using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.GatewayApi;
using Microsoft.Extensions.AI;

namespace Castellan.AgentRuntime.Runs;

/// <summary>What the model is told about a tool call that ended.</summary>
/// <remarks>The result is a JSON object <c>{text, data?, isError?}</c>: language models are shown the text, runbooks see the data as well.</remarks>
internal static class ToolMessage
{
    /// <summary>Longer texts are cut in the middle: a tool must not fill the model's whole context.</summary>
    public const int MostCharacters = 60_000;

    /// <summary>Larger structured content is left out.</summary>
    public const int MostDataCharacters = 400_000;

    public static FunctionResultContent Of(FunctionCallContent call, CallResult result) => result switch
    {
        { State: CallState.Completed, Content: { } content } => Result(call, content.Text, content.Data, content.IsError),
        { State: CallState.Completed } => Result(call, "The tool returned nothing."),
        { State: CallState.Denied } => Failed(call, $"Policy does not allow this call{RuleOf(result)}. {result.Message} Do not ask for it again in this run; tell the user."),
        { State: CallState.Refused } => Failed(call, $"An approver refused this call. {result.Message} Do not ask for it again in this run; tell the user."),
        { State: CallState.Withheld } => Failed(call, $"The tool was called and what it does has happened, but policy withholds its result{RuleOf(result)}. {result.Message} Do not repeat the call; tell the user."),
        { State: CallState.Expired } => Failed(call, $"Nobody approved this call in time. {result.Message} Tell the user."),
        { State: CallState.OutcomeUnknown } => Failed(call,
            $"The outcome of this call is unknown: it was sent, but a failure hid its answer, so it may have taken effect or not. {result.Message} Do not repeat it; look with a reading tool what the state is now."),
        _ => Failed(call, $"The call failed. {result.Message}"),
    };

    /// <summary>A call that cannot be made at all.</summary>
    public static FunctionResultContent Failed(FunctionCallContent call, string text) => Result(call, text.Trim(), null, true);

    private static FunctionResultContent Result(FunctionCallContent call, string text, JsonElement? data = null, bool isError = false)
    {
        var result = new JsonObject { ["text"] = Shortened(text) };
        if (data is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } structured && structured.GetRawText() is { Length: <= MostDataCharacters } raw)
            result["data"] = JsonNode.Parse(raw);
        if (isError) result["isError"] = true;
        return new FunctionResultContent(call.CallId, JsonSerializer.SerializeToElement(result));
    }

    private static string Shortened(string text) => text.Length <= MostCharacters
        ? text
        : $"{text[..(MostCharacters * 2 / 3)]}\n… {text.Length - MostCharacters} characters left out …\n{text[^(MostCharacters / 3)..]}";

    private static string RuleOf(CallResult result) => result.Rule is { } rule ? $" (rule '{rule}'{(result.Policy is { } policy ? $" of {policy}" : "")})" : "";
}
