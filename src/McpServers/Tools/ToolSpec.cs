using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using ModelContextProtocol.Protocol;

namespace Castellan.McpServers.Tools;

/// <summary>How a tool presents itself.</summary>
/// <param name="Name">Name on the server.</param>
/// <param name="Title">For people.</param>
/// <param name="Description">For a model: when to use it, what it returns.</param>
/// <param name="Effect">What it does to the world; the gateway's policy and crash recovery rely on it.</param>
/// <param name="Input">JSON Schema of the arguments; closed.</param>
/// <param name="Output">JSON Schema of the structured content.</param>
internal sealed record ToolSpec(string Name, string Title, string Description, ToolEffect Effect, JsonObject Input, JsonObject Output)
{
    /// <summary>Key in a tool's <c>_meta</c> under which the effect stands.</summary>
    public const string EffectKey = "castellan.dev/effect";

    /// <summary>The tool as <c>tools/list</c> shows it.</summary>
    public Tool ToProtocol() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = JsonSerializer.SerializeToElement(Input),
        OutputSchema = JsonSerializer.SerializeToElement(Output),
        Annotations = new()
        {
            Title = Title,
            ReadOnlyHint = Effect == ToolEffect.Read,
            DestructiveHint = Effect == ToolEffect.Destructive,
            IdempotentHint = Effect is ToolEffect.Read or ToolEffect.IdempotentWrite,
            OpenWorldHint = false,
        },
        Meta = new JsonObject { [EffectKey] = Effect.ToString() },
    };
}
