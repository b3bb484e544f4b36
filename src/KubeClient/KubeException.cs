using System.Net;
using Castellan.KubeApi;

namespace Castellan.KubeClient;

/// <summary>The API server refused a request; the message is the server's.</summary>
public sealed class KubeException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="status">What the server answered.</param>
    public KubeException(KubeStatus status) : base(status.Message ?? status.Reason ?? $"the API server answered {status.Code}") => Status = status;

    /// <summary>What the server answered: reason, details and causes.</summary>
    public KubeStatus Status { get; }

    /// <summary>HTTP status code.</summary>
    public HttpStatusCode Code => (HttpStatusCode)Status.Code;

    /// <summary>One CamelCase word, for example <c>AlreadyExists</c>.</summary>
    public string Reason => Status.Reason ?? "";

    /// <summary>The object or the resource is not there.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>An object of that name is there already.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>The object changed since it was read, or another field manager owns a field: read again and decide again.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    /// <summary>The resource version is too old: list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>The caller has no right to do this.</summary>
    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>The caller is not known.</summary>
    public bool IsUnauthorized => Code == HttpStatusCode.Unauthorized;

    /// <summary>The object breaks its schema; <see cref="Status"/> names the fields.</summary>
    public bool IsInvalid => Code == HttpStatusCode.UnprocessableEntity || Reason == "Invalid";
}

/// <summary>The API server gave no answer; safe to retry reads.</summary>
public sealed class KubeUnreachableException(Uri server, string problem, Exception? inner = null)
    : Exception($"no answer from the Kubernetes API at {server}: {problem}; check that it runs and that the kubeconfig names it rightly", inner);
