using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Models.Runbooks;
using Microsoft.Extensions.AI;

namespace Castellan.Models.Tests.Runbooks;

/// <summary>A small runbook, and a hand that plays the run loop: asks, gives results, asks again.</summary>
internal static class Triage
{
    public static Runbook Runbook() => new()
    {
        Otherwise = "I can diagnose and fix. You said: {{ input }}",
        Procedures =
        [
            new()
            {
                Name = "fix",
                When = "input.matches('(?i)fix')",
                Steps = [new() { Name = "change", Tool = "cluster__set_env", Arguments = new() { ["env"] = new JsonObject { ["A"] = "{{ 'x' + string(1 + 1) }}" } } }],
                Findings =
                [
                    new() { When = "steps.change.ok", Text = "Done." },
                    new() { When = "!steps.change.ok", Text = "Not done: {{ steps.change.text }}" },
                ],
            },
            new()
            {
                Name = "diagnose",
                When = "input.matches('(?i)why|fail')",
                Steps =
                [
                    new() { Name = "pods", Tool = "cluster__list", Arguments = new() { ["kind"] = "pods", ["limit"] = "{{ 10 * 2 }}", ["namespace"] = "{{ input.contains('shop') ? dyn('shop') : null }}" } },
                    new()
                    {
                        Name = "logs",
                        When = "steps.pods.data.items.exists(p, !p.healthy)",
                        Tool = "cluster__logs",
                        Arguments = new() { ["name"] = "{{ steps.pods.data.items.filter(p, !p.healthy)[0].name }}", ["previous"] = true },
                    },
                ],
                Findings =
                [
                    new() { When = "has(steps.logs)", Text = "Pod {{ steps.pods.data.items.filter(p, !p.healthy)[0].name }} fails ({{ size(steps.pods.data.items) }} pods): `{{ steps.logs.data.lines[0] }}`" },
                    new() { When = "!has(steps.logs)", Text = "All is well." },
                ],
            },
        ],
    };

    public static RunbookChatClient Client(Runbook? runbook = null)
    {
        var program = RunbookProgram.Compile(runbook ?? Runbook(), out var faults);
        Assert.Empty(faults);
        return new RunbookChatClient(program!, "triage");
    }

    public static FunctionCallContent Call(ChatResponse response) => Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());

    /// <summary>A tool's result as it looks after a journey over the wire.</summary>
    public static ChatMessage Result(string callId, string text, string? data = null, bool isError = false)
    {
        var result = new JsonObject { ["text"] = text, ["isError"] = isError };
        if (data is not null) result["data"] = JsonNode.Parse(data);
        return new(ChatRole.Tool, [new FunctionResultContent(callId, JsonSerializer.SerializeToElement(result))]);
    }

    public const string Sick = """{"items":[{"name":"a","healthy":true},{"name":"b","healthy":false}]}""";
}
