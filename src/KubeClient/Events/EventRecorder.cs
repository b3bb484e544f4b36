using System.Threading.Channels;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.KubeClient.Events;

/// <summary>Whether an event is good news.</summary>
public enum EventType
{
    /// <summary>As wanted.</summary>
    Normal,

    /// <summary>Something to look at.</summary>
    Warning,
}

/// <summary>Writes Events. The same event again counts up instead of adding another.</summary>
/// <remarks>Never blocks and never throws into the caller: events are written in the background and dropped, with a log line, when the server refuses them.</remarks>
public sealed partial class EventRecorder : IAsyncDisposable
{
    private const int MostRemembered = 4096;
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);
    private readonly KubeConnection _kube;
    private readonly EventSource _source;
    private readonly ILogger _log;
    private readonly Channel<Seen> _queue = Channel.CreateBounded<Seen>(new BoundedChannelOptions(1000) { SingleReader = true });
    private readonly Dictionary<(string, string?, string, string, string), (NamespacedName Key, int Count, DateTimeOffset Last)> _known = [];
    private readonly Task _writing;

    /// <summary>A recorder for one component.</summary>
    /// <param name="kube">Where events are written.</param>
    /// <param name="component">Who reports, for example <c>kubelet</c>.</param>
    /// <param name="host">Node it reports from, if any.</param>
    /// <param name="log">Where refused events are noted.</param>
    public EventRecorder(KubeConnection kube, string component, string? host = null, ILogger? log = null)
    {
        (_kube, _log) = (kube, log ?? NullLogger.Instance);
        _source = new EventSource { Component = component, Host = host };
        _writing = WriteAllAsync();
    }

    /// <summary>Notes that something happened to an object.</summary>
    /// <param name="about">The object, as read from the server.</param>
    /// <param name="type">Whether it is good news.</param>
    /// <param name="reason">One CamelCase word.</param>
    /// <param name="message">For a human.</param>
    /// <param name="fieldPath">The part of the object, for example <c>spec.containers{app}</c>.</param>
    public void Record(KubeObject about, EventType type, string reason, string message, string? fieldPath = null)
    {
        var reference = new ObjectReference
        {
            ApiVersion = about.ApiVersion,
            Kind = about.Kind,
            Namespace = about.Metadata.Namespace,
            Name = about.Metadata.Name,
            Uid = about.Metadata.Uid,
            ResourceVersion = about.Metadata.ResourceVersion,
            FieldPath = fieldPath,
        };
        if (!_queue.Writer.TryWrite(new Seen(reference, type, reason, message, _kube.Time.GetUtcNow())))
            LogDropped(reason, about.Key, "too many events at once");
    }

    /// <summary>Writes what is queued, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAllAsync()
    {
        await foreach (var seen in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await WriteAsync(seen);
            }
            catch (Exception e) when (e is KubeException or KubeUnreachableException or KubeConfigException or ObjectDisposedException)
            {
                LogDropped(seen.Reason, new NamespacedName(seen.About.Namespace ?? "", seen.About.Name ?? ""), e.Message);
            }
        }
    }

    private async Task WriteAsync(Seen seen)
    {
        var id = (seen.About.Uid ?? "", seen.About.FieldPath, seen.Type.ToString(), seen.Reason, seen.Message);
        if (_known.TryGetValue(id, out var known) && seen.At - known.Last < Remembered)
        {
            _known[id] = known = (known.Key, known.Count + 1, seen.At);
            var again = new Event { Count = known.Count, LastTimestamp = seen.At.UtcDateTime };
            if (await TryCountUpAsync(known.Key, again)) return;
        }
        var written = await _kube.CreateAsync(Describe(seen));
        if (_known.Count >= MostRemembered)
        {
            foreach (var old in _known.OrderBy(k => k.Value.Last).Take(MostRemembered / 4).Select(k => k.Key).ToList()) _known.Remove(old);
        }
        _known[id] = (written.Key, 1, seen.At);
    }

    private async Task<bool> TryCountUpAsync(NamespacedName key, Event again)
    {
        try
        {
            await _kube.PatchAsync<Event>(key, KubePatch.Merge(new { again.Count, again.LastTimestamp }));
            return true;
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return false; // the server let it expire
        }
    }

    private Event Describe(Seen seen) => new()
    {
        Metadata = new ObjectMeta
        {
            // client-go's pattern: the object's name and the time in hexadecimal nanoseconds.
            Name = $"{seen.About.Name}.{(seen.At - DateTimeOffset.UnixEpoch).Ticks * 100:x}",
            Namespace = string.IsNullOrEmpty(seen.About.Namespace) ? "default" : seen.About.Namespace,
        },
        InvolvedObject = seen.About,
        Type = seen.Type.ToString(),
        Reason = seen.Reason,
        // The real server refuses longer ones.
        Message = seen.Message.Length <= 1024 ? seen.Message : seen.Message[..1021] + "...",
        Source = _source,
        FirstTimestamp = seen.At.UtcDateTime,
        LastTimestamp = seen.At.UtcDateTime,
        Count = 1,
        ReportingComponent = _source.Component,
        ReportingInstance = _source.Host ?? "",
    };

    private sealed record Seen(ObjectReference About, EventType Type, string Reason, string Message, DateTimeOffset At);
}
