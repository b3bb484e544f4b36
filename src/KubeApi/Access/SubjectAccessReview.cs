namespace Castellan.KubeApi.Access;

/// <summary>Asks whether a user may do something.</summary>
[KubeResource("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", Namespaced = false)]
public sealed class SubjectAccessReview : KubeObject
{
    /// <summary>Who and what.</summary>
    public SubjectAccessReviewSpec Spec { get; set; } = new();

    /// <summary>The answer.</summary>
    public SubjectAccessReviewStatus? Status { get; set; }
}

/// <summary>Who wants to do what.</summary>
public sealed class SubjectAccessReviewSpec : KubeFields
{
    /// <summary>A request for a resource.</summary>
    public ResourceAttributes? ResourceAttributes { get; set; }

    /// <summary>A request for a path.</summary>
    public NonResourceAttributes? NonResourceAttributes { get; set; }

    /// <summary>The user.</summary>
    public string? User { get; set; }

    /// <summary>The user's groups.</summary>
    public IList<string>? Groups { get; set; }

    /// <summary>The user's identity.</summary>
    public string? Uid { get; set; }

    /// <summary>What the authenticator added.</summary>
    public IDictionary<string, IList<string>>? Extra { get; set; }
}

/// <summary>Asks whether the caller may do something.</summary>
[KubeResource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", Namespaced = false)]
public sealed class SelfSubjectAccessReview : KubeObject
{
    /// <summary>What.</summary>
    public SelfSubjectAccessReviewSpec Spec { get; set; } = new();

    /// <summary>The answer.</summary>
    public SubjectAccessReviewStatus? Status { get; set; }
}

/// <summary>What the caller wants to do.</summary>
public sealed class SelfSubjectAccessReviewSpec : KubeFields
{
    /// <summary>A request for a resource.</summary>
    public ResourceAttributes? ResourceAttributes { get; set; }

    /// <summary>A request for a path.</summary>
    public NonResourceAttributes? NonResourceAttributes { get; set; }
}

/// <summary>A request for a resource.</summary>
public sealed class ResourceAttributes : KubeFields
{
    /// <summary>Namespace; empty for all, or for cluster-scoped kinds.</summary>
    public string? Namespace { get; set; }

    /// <summary>For example <c>get</c>.</summary>
    public string? Verb { get; set; }

    /// <summary>API group.</summary>
    public string? Group { get; set; }

    /// <summary>Version.</summary>
    public string? Version { get; set; }

    /// <summary>Plural.</summary>
    public string? Resource { get; set; }

    /// <summary>For example <c>log</c>.</summary>
    public string? Subresource { get; set; }

    /// <summary>Name; empty for all.</summary>
    public string? Name { get; set; }
}

/// <summary>A request for a path.</summary>
public sealed class NonResourceAttributes : KubeFields
{
    /// <summary>The path.</summary>
    public string? Path { get; set; }

    /// <summary>The HTTP method, lower case.</summary>
    public string? Verb { get; set; }
}

/// <summary>The answer.</summary>
public sealed class SubjectAccessReviewStatus : KubeFields
{
    /// <summary>Whether it may.</summary>
    public bool Allowed { get; set; }

    /// <summary>True if it was refused outright.</summary>
    public bool? Denied { get; set; }

    /// <summary>Why.</summary>
    public string? Reason { get; set; }

    /// <summary>What could not be decided.</summary>
    public string? EvaluationError { get; set; }
}
