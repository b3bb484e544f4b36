using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi;

/// <summary>Kinds of call that a run makes.</summary>
public enum CallKind
{
    /// <summary>A turn of the agent's model.</summary>
    Model,

    /// <summary>A tool of a tool server.</summary>
    Tool,
}

/// <summary>A call that an agent asks the gateway to make, within a run.</summary>
public sealed record CallRequest
{
    /// <summary>
    /// Which call of the run this is, chosen deterministically by the run's orchestration. Together with the run id it is the call's
    /// identity: asking again returns the same call, asking with other arguments is a conflict (409).
    /// </summary>
    public required long Sequence { get; init; }

    /// <summary>Kind of the call.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>The model call, for <see cref="CallKind.Model"/>.</summary>
    public ModelCall? Model { get; init; }

    /// <summary>The tool call, for <see cref="CallKind.Tool"/>.</summary>
    public ToolCall? Tool { get; init; }
}

/// <summary>A turn of the agent's model. Which model it is stands in the run's input, not here.</summary>
/// <param name="Messages">The conversation so far.</param>
/// <param name="Tools">Tools offered to the model.</param>
public sealed record ModelCall(IList<ChatMessage> Messages, IList<ToolDescription>? Tools = null);

/// <summary>A tool call.</summary>
/// <param name="Name">Name as the agent sees it, <c>server__tool</c>.</param>
/// <param name="Arguments">Arguments; absent means none.</param>
public sealed record ToolCall(string Name, JsonObject? Arguments = null);
