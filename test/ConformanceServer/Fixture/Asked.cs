using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>Questions to the client (SEP-2322) and what came back.</summary>
internal static class Asked
{
    public static InputRequest Form(string message, string field, ElicitRequestParams.PrimitiveSchemaDefinition? schema = null) =>
        Form(message, new Dictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> { [field] = schema ?? new ElicitRequestParams.StringSchema() }, [field]);

    public static InputRequest Form(string message, IDictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> fields, IList<string>? required = null) =>
        InputRequest.ForElicitation(new ElicitRequestParams { Message = message, RequestedSchema = new ElicitRequestParams.RequestSchema { Properties = fields, Required = required } });

    public static InputRequest Sample(string text) => InputRequest.ForSampling(new CreateMessageRequestParams
    {
        Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = text }] }],
        MaxTokens = 100,
    });

    public static InputRequest Roots() => InputRequest.ForRootsList(new ListRootsRequestParams());

    /// <summary>Ends this round: the client answers and calls again.</summary>
    public static InputRequiredException For(string key, InputRequest question, string? state = null) => For(new() { [key] = question }, state);

    public static InputRequiredException For(Dictionary<string, InputRequest> questions, string? state = null) => new(questions, state);

    public static bool Has(RequestParams parameters, params string[] keys) => parameters.InputResponses is { } answers && keys.All(answers.ContainsKey);

    /// <summary>What the form's result was; null if it was not answered.</summary>
    /// <exception cref="McpProtocolException">The answer is not one to a form.</exception>
    public static ElicitResult? FormResult(RequestParams parameters, string key)
    {
        try
        {
            return parameters.InputResponses?.TryGetValue(key, out var answer) == true ? answer.Deserialize(InputResponse.ElicitResultJsonTypeInfo) : null;
        }
        catch (JsonException e)
        {
            throw new McpProtocolException($"inputResponses.{key} is not the result of a form: {e.Message}", McpErrorCode.InvalidParams);
        }
    }

    /// <summary>One text field of an accepted form.</summary>
    public static string? Field(RequestParams parameters, string key, string field) =>
        FormResult(parameters, key) is { Action: "accept", Content: { } content } && content.TryGetValue(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
