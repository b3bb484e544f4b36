using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>
/// Tools that ask the client for something and answer with what came back. Clients of revisions with sessions get the question as a
/// request of the server, the others as a round.
/// </summary>
internal static class InputTools
{
    public static IEnumerable<McpServerTool> All =>
    [
        FixtureTool.Of("test_sampling", (RequestContext<CallToolRequestParams> request, string prompt) =>
            Asked.Has(request.Params!, "answer")
                ? $"LLM response: {((TextContentBlock)request.Params!.InputResponses!["answer"].Deserialize(InputResponse.CreateMessageResultJsonTypeInfo)!.Content[0]).Text}"
                : throw Asked.For("answer", Asked.Sample(prompt))),
        FixtureTool.Of("test_elicitation", (RequestContext<CallToolRequestParams> request, string message) => FormOf(request, message, new()
        {
            ["username"] = new ElicitRequestParams.StringSchema { Description = "User's response" },
            ["email"] = new ElicitRequestParams.StringSchema { Description = "User's email address" },
        }, "username", "email")),
        FixtureTool.Of("test_elicitation_sep1034_defaults", (RequestContext<CallToolRequestParams> request) => FormOf(request, "Check the defaults", new()
        {
            ["name"] = new ElicitRequestParams.StringSchema { Default = "John Doe" },
            ["age"] = new ElicitRequestParams.NumberSchema { Type = "integer", Default = 30 },
            ["score"] = new ElicitRequestParams.NumberSchema { Default = 95.5 },
            ["status"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" },
            ["verified"] = new ElicitRequestParams.BooleanSchema { Default = true },
        })),
        FixtureTool.Of("test_elicitation_sep1330_enums", (RequestContext<CallToolRequestParams> request) => FormOf(request, "Choose", new()
        {
            ["untitledSingle"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] },
            ["titledSingle"] = new ElicitRequestParams.TitledSingleSelectEnumSchema { OneOf = Options("First Option", "Second Option", "Third Option") },
            ["legacyEnum"] = new ElicitRequestParams.LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
            ["untitledMulti"] = new ElicitRequestParams.UntitledMultiSelectEnumSchema { Items = new() { Enum = ["option1", "option2", "option3"] } },
            ["titledMulti"] = new ElicitRequestParams.TitledMultiSelectEnumSchema { Items = new() { AnyOf = Options("First Choice", "Second Choice", "Third Choice") } },
        })),
    ];

    private static string FormOf(
        RequestContext<CallToolRequestParams> request, string message, Dictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> fields, params string[] required) =>
        Asked.FormResult(request.Params!, "form") is { } result
            ? $"User response: action={result.Action}, content={JsonSerializer.Serialize(result.Content, McpJsonUtilities.DefaultOptions)}"
            : throw Asked.For("form", Asked.Form(message, fields, required.Length > 0 ? required : null));

    private static List<ElicitRequestParams.EnumSchemaOption> Options(params string[] titles) =>
        [.. titles.Select((title, i) => new ElicitRequestParams.EnumSchemaOption { Const = $"value{i + 1}", Title = title })];
}
