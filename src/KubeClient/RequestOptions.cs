namespace Castellan.KubeClient;

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    /// <summary>Labels, for example <c>app=web,tier in (a,b)</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields, for example <c>spec.nodeName=local</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Most items per page; null lets the server decide.</summary>
    public int? Limit { get; init; }

    /// <summary>Token of the page.</summary>
    public string? Continue { get; init; }

    /// <summary>Version to read at; null reads the newest, <c>0</c> any.</summary>
    public string? ResourceVersion { get; init; }

    internal IEnumerable<(string, string?)> Query() =>
    [
        ("labelSelector", LabelSelector), ("fieldSelector", FieldSelector), ("limit", Limit?.ToString()),
        ("continue", Continue), ("resourceVersion", ResourceVersion),
    ];
}

/// <summary>What to watch.</summary>
public sealed record WatchOptions
{
    /// <summary>Labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Version to start after, from a list; null first sends what exists.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>True (default) lets the server send bookmarks: events that only move the version on.</summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>After how many seconds the server ends the watch; null lets the server decide.</summary>
    public int? TimeoutSeconds { get; init; }

    internal IEnumerable<(string, string?)> Query() =>
    [
        ("watch", "1"), ("labelSelector", LabelSelector), ("fieldSelector", FieldSelector), ("resourceVersion", ResourceVersion),
        ("allowWatchBookmarks", AllowBookmarks ? "true" : null), ("timeoutSeconds", TimeoutSeconds?.ToString()),
    ];
}

/// <summary>How to write.</summary>
public sealed record WriteOptions
{
    /// <summary>Who owns the fields that are written.</summary>
    public string? FieldManager { get; init; }

    /// <summary>True checks and answers, but stores nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary><c>Strict</c> refuses unknown fields, <c>Warn</c> or <c>Ignore</c> drops them.</summary>
    public string? FieldValidation { get; init; }

    internal IEnumerable<(string, string?)> Query() =>
        [("fieldManager", FieldManager), ("dryRun", DryRun ? "All" : null), ("fieldValidation", FieldValidation)];
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds a pod has to end; 0 removes it at once.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Background</c> (default), <c>Foreground</c> or <c>Orphan</c>: what becomes of owned objects.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Deletes only this incarnation.</summary>
    public DeletePreconditions? Preconditions { get; init; }

    /// <summary>Always <c>v1</c>.</summary>
    public string ApiVersion => "v1";

    /// <summary>Always <c>DeleteOptions</c>.</summary>
    public string Kind => "DeleteOptions";
}

/// <summary>What must hold for a deletion.</summary>
/// <param name="Uid">Identity of the object.</param>
/// <param name="ResourceVersion">Version of the object.</param>
public sealed record DeletePreconditions(string? Uid = null, string? ResourceVersion = null);

/// <summary>Which part of a container's log.</summary>
public sealed record LogOptions
{
    /// <summary>The container; may be null when the pod has one.</summary>
    public string? Container { get; init; }

    /// <summary>True stays and sends new lines.</summary>
    public bool Follow { get; init; }

    /// <summary>True reads the log of the start before.</summary>
    public bool Previous { get; init; }

    /// <summary>True puts the time before each line.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Lines from the end; null for all.</summary>
    public int? TailLines { get; init; }

    /// <summary>Only lines of the last so many seconds.</summary>
    public int? SinceSeconds { get; init; }

    /// <summary>Most bytes to send.</summary>
    public int? LimitBytes { get; init; }

    internal IEnumerable<(string, string?)> Query() =>
    [
        ("container", Container), ("follow", Follow ? "true" : null), ("previous", Previous ? "true" : null),
        ("timestamps", Timestamps ? "true" : null), ("tailLines", TailLines?.ToString()), ("sinceSeconds", SinceSeconds?.ToString()),
        ("limitBytes", LimitBytes?.ToString()),
    ];
}
