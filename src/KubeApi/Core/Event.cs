namespace Castellan.KubeApi.Core;

/// <summary>Something that happened to an object.</summary>
[KubeResource("", "v1", "Event", "events")]
public sealed class Event : KubeObject
{
    /// <summary>The object.</summary>
    public ObjectReference InvolvedObject { get; set; } = new();

    /// <summary>One word, for example <c>BackOff</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }

    /// <summary><c>Normal</c> or <c>Warning</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Who reports it.</summary>
    public EventSource? Source { get; set; }

    /// <summary>When it was first seen.</summary>
    public DateTime? FirstTimestamp { get; set; }

    /// <summary>When it was last seen.</summary>
    public DateTime? LastTimestamp { get; set; }

    /// <summary>How often it was seen.</summary>
    public int? Count { get; set; }

    /// <summary>Who reports it.</summary>
    public string? ReportingComponent { get; set; }

    /// <summary>Which instance reports it.</summary>
    public string? ReportingInstance { get; set; }
}

/// <summary>Who reports an event.</summary>
public sealed class EventSource : KubeFields
{
    /// <summary>For example <c>kubelet</c>.</summary>
    public string? Component { get; set; }

    /// <summary>Node it comes from.</summary>
    public string? Host { get; set; }
}
