using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Castellan.Telemetry.Tracing;

/// <summary>A trace context as it is stored with what it belongs to, so that a call or a run keeps its trace through a restart.</summary>
/// <param name="TraceParent">As the header of that name.</param>
/// <param name="TraceState">As the header of that name.</param>
public sealed record PinnedTrace(string TraceParent, string? TraceState = null)
{
    /// <summary>The context to start children in.</summary>
    [JsonIgnore]
    public ActivityContext Context => TraceContext.Read(TraceParent, TraceState);

    /// <summary>Pins a context; <see langword="null"/> for none.</summary>
    public static PinnedTrace? Of(ActivityContext context) => context == default ? null : new(TraceContext.Format(context), context.TraceState);
}
