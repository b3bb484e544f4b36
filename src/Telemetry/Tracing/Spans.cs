using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Castellan.Telemetry.Tracing;

/// <summary>Starts spans whose parent is said, and spans of what began in another process.</summary>
public static class Spans
{
    /// <summary>Starts a span; <see langword="null"/> if nobody listens or the sampler leaves it out.</summary>
    /// <param name="source">Its source; ask <see cref="ActivitySource.HasListeners"/> before composing a name.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">Its parent; <see langword="default"/> starts a trace, whatever span the framework has opened around it.</param>
    public static Activity? Start(ActivitySource source, string name, ActivityKind kind, ActivityContext parent)
    {
        if (parent != default)
        {
            return source.StartActivity(name, kind, parent);
        }

        var around = Activity.Current;
        Activity.Current = null;
        var span = source.StartActivity(name, kind);
        if (span is null)
        {
            Activity.Current = around;
        }

        return span;
    }

    /// <summary>
    /// A span whose id was given out before: its children may have been made by other processes, or before a restart. Set its tags, then
    /// <see cref="Activity.Stop"/> it.
    /// </summary>
    /// <param name="source">Its source.</param>
    /// <param name="name">Its name.</param>
    /// <param name="self">The id that was given out.</param>
    /// <param name="parent">Its parent, of the same trace.</param>
    /// <param name="started">When it began.</param>
    public static Activity? Resume(ActivitySource source, string name, ActivityContext self, ActivityContext parent, DateTimeOffset started)
    {
        if (self.TraceId != parent.TraceId || source.CreateActivity(name, ActivityKind.Internal, parent) is not { } span)
        {
            return null;
        }

        SpanIdOf(span) = self.SpanId.ToHexString();
        var around = Activity.Current;
        span.SetStartTime(started.UtcDateTime).Start();
        Activity.Current = around;
        return span;
    }

    /// <summary>An id for a span that will be told of later, in the trace of its parent and sampled as that is.</summary>
    public static ActivityContext Reserve(ActivityContext parent) => new(parent.TraceId, ActivitySpanId.CreateRandom(), parent.TraceFlags, parent.TraceState, isRemote: true);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; nothing happens without one.</param>
    /// <param name="type">One word for the kind of error, of a small set.</param>
    public static void Fail(Activity? span, string type) => span?.SetTag(SemanticNames.ErrorType, type).SetStatus(ActivityStatusCode.Error);

    // The runtime gives a span no way to take an id; it makes one at the start if this field holds none. A test notices if that changes.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity span);
}
