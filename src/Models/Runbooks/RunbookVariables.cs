using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cel;

namespace Castellan.Models.Runbooks;

/// <summary>The variables that expressions of a runbook see.</summary>
internal static class RunbookVariables
{
    public static CelEnvironment Environment { get; } = CelEnvironment.Standard
        .WithVariable("input", CelType.String)
        .WithVariable("history", CelType.List(CelType.Map(CelType.String, CelType.String)))
        .WithVariable("steps", CelType.Map(CelType.String, CelType.Dyn));

    /// <summary>A step's result: <c>{ok, text, data}</c>.</summary>
    public static CelValue Of(ToolOutcome outcome) => CelValue.From(CelMap.Create(
    [
        KeyValuePair.Create(CelValue.From("ok"), CelValue.From(outcome.Ok)),
        KeyValuePair.Create(CelValue.From("text"), CelValue.From(outcome.Text)),
        KeyValuePair.Create(CelValue.From("data"), outcome.Data is { } data ? CelJson.FromJson(data) : CelValue.Null),
    ]));

    public static JsonElement ToElement(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
