namespace Castellan.KubeApi;

/// <summary>What the server answers instead of an object: the outcome of a request.</summary>
/// <remarks>Source: Kubernetes API reference, Status v1 meta.</remarks>
public sealed class KubeStatus : KubeFields
{
    /// <summary>Always <c>v1</c>.</summary>
    public string? ApiVersion { get; set; } = "v1";

    /// <summary>Always <c>Status</c>.</summary>
    public string? Kind { get; set; } = "Status";

    /// <summary><c>Success</c> or <c>Failure</c>.</summary>
    public string? Status { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }

    /// <summary>For a machine: one CamelCase word, for example <c>NotFound</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>What it is about, and every cause.</summary>
    public StatusDetails? Details { get; set; }

    /// <summary>HTTP status code; 0 when the server gave none.</summary>
    public int Code { get; set; }
}

/// <summary>What a status is about.</summary>
public sealed class StatusDetails : KubeFields
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; set; }

    /// <summary>Its API group.</summary>
    public string? Group { get; set; }

    /// <summary>Its kind, or the resource's plural.</summary>
    public string? Kind { get; set; }

    /// <summary>Its uid.</summary>
    public string? Uid { get; set; }

    /// <summary>Each cause.</summary>
    public IList<StatusCause>? Causes { get; set; }

    /// <summary>Seconds to wait before the next try.</summary>
    public int? RetryAfterSeconds { get; set; }
}

/// <summary>One cause of a failure.</summary>
public sealed class StatusCause : KubeFields
{
    /// <summary>One CamelCase word, for example <c>FieldValueInvalid</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }

    /// <summary>Path of the field, for example <c>spec.model.name</c>.</summary>
    public string? Field { get; set; }
}
