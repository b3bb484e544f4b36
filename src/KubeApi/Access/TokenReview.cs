namespace Castellan.KubeApi.Access;

/// <summary>Asks whose token this is.</summary>
[KubeResource("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Namespaced = false)]
public sealed class TokenReview : KubeObject
{
    /// <summary>The token.</summary>
    public TokenReviewSpec Spec { get; set; } = new();

    /// <summary>The answer.</summary>
    public TokenReviewStatus? Status { get; set; }
}

/// <summary>The token to review. Never log it.</summary>
public sealed class TokenReviewSpec : KubeFields
{
    /// <summary>The token.</summary>
    public string? Token { get; set; }

    /// <summary>Whom it must be for; the API server when absent.</summary>
    public IList<string>? Audiences { get; set; }
}

/// <summary>Whose token it is.</summary>
public sealed class TokenReviewStatus : KubeFields
{
    /// <summary>Whether it is valid.</summary>
    public bool? Authenticated { get; set; }

    /// <summary>Whose it is.</summary>
    public UserInfo? User { get; set; }

    /// <summary>Whom it is for, of those asked about.</summary>
    public IList<string>? Audiences { get; set; }

    /// <summary>Why it could not be checked.</summary>
    public string? Error { get; set; }
}

/// <summary>A user as the API server knows it.</summary>
public sealed class UserInfo : KubeFields
{
    /// <summary>Name, unique among active users.</summary>
    public string? Username { get; set; }

    /// <summary>Identity over time.</summary>
    public string? Uid { get; set; }

    /// <summary>Groups.</summary>
    public IList<string>? Groups { get; set; }

    /// <summary>What the authenticator adds, for example the pod of a token.</summary>
    public IDictionary<string, IList<string>>? Extra { get; set; }
}
