using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Castellan.EndToEnd.Tests.Models;

/// <summary>
/// Stands in for a language model that knows its trade: from the question, the tools it is offered and what they returned so far it
/// works out the next call or the answer. It knows nothing that does not stand in the request.
/// </summary>
internal static partial class TriageModel
{
    private static int s_calls;

    /// <summary>The answer to one request.</summary>
    public static JsonObject Answer(JsonObject request)
    {
        var messages = request["messages"]!.AsArray().Select(m => m!.AsObject()).ToList();
        var asked = messages.FindLastIndex(m => (string)m["role"]! == "user");
        var results = messages.Skip(asked + 1).Where(m => (string)m["role"]! == "tool").Select(m => TextOf(m["content"])).ToList();
        var question = TextOf(messages[asked]["content"]);
        var tools = (request["tools"] as JsonArray ?? []).Select(t => (string)t!["function"]!["name"]!).ToList();
        return Completion(request, Fix().IsMatch(question) ? Repair(tools, results) : Diagnose(tools, results));
    }

    private static JsonObject Diagnose(List<string> tools, List<string> results) => results switch
    {
        [] => Call(tools, "list", new() { ["kind"] = "Pod", ["namespace"] = "shop" }),
        [var pods] => Call(tools, "logs", new() { ["name"] = Pod().Match(pods).Value, ["namespace"] = "shop", ["previous"] = Restarted(pods) }),
        [var pods, .., var logs] => Say($"checkout fails. Pod {Pod().Match(pods).Value} logs: \"{Fatal().Match(logs).Value}\""),
    };

    private static JsonObject Repair(List<string> tools, List<string> results) => results switch
    {
        [] => Call(tools, "get", new() { ["kind"] = "ConfigMap", ["name"] = "service-urls", ["namespace"] = "shop" }),
        [var urls] => Call(tools, "set_env", new()
        {
            ["kind"] = "Deployment", ["name"] = "checkout", ["namespace"] = "shop",
            ["env"] = new JsonObject { ["PAYMENTS_URL"] = Url().Match(urls).Value },
        }),
        [.., var changed] => Say($"Done: {changed}"),
    };

    private static JsonObject Say(string text) => new() { ["role"] = "assistant", ["content"] = text };

    /// <summary>A message that calls a tool, by whatever name it is offered.</summary>
    public static JsonObject Call(List<string> offered, string tool, JsonObject arguments) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["tool_calls"] = new JsonArray(new JsonObject
        {
            ["id"] = string.Create(CultureInfo.InvariantCulture, $"call_{Interlocked.Increment(ref s_calls)}"),
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = offered.Find(t => t.EndsWith($"__{tool}", StringComparison.Ordinal)) ?? tool, ["arguments"] = arguments.ToJsonString() },
        }),
    };

    /// <summary>A message as chat completions wrap it.</summary>
    public static JsonObject Completion(JsonObject request, JsonObject message) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1760000000,
        ["model"] = (string)request["model"]!,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = message.ContainsKey("tool_calls") ? "tool_calls" : "stop", ["message"] = message }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 20, ["total_tokens"] = 120 },
    };

    private static string TextOf(JsonNode? content) =>
        content is JsonArray parts ? string.Concat(parts.Select(p => (string?)p!["text"])) : (string?)content ?? "";

    private static bool Restarted(string pods) => CrashLoop().IsMatch(pods);

    [GeneratedRegex(@"(?i)\bfix")]
    private static partial Regex Fix();

    [GeneratedRegex(@"checkout-[a-z0-9]+-[a-z0-9]+")]
    private static partial Regex Pod();

    [GeneratedRegex(@"CrashLoopBackOff|[1-9]\d* restarts?")]
    private static partial Regex CrashLoop();

    [GeneratedRegex("FATAL config: [^\n\"]+")]
    private static partial Regex Fatal();

    [GeneratedRegex(@"http://payments[^\s""]+")]
    private static partial Regex Url();
}
