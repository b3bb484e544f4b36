namespace Castellan.KubeApi.Access;

/// <summary>Asks for a token of a service account; created as its <c>token</c> subresource.</summary>
[KubeResource("authentication.k8s.io", "v1", "TokenRequest", "token")]
public sealed class TokenRequest : KubeObject
{
    /// <summary>What the token shall be.</summary>
    public TokenRequestSpec Spec { get; set; } = new();

    /// <summary>The token.</summary>
    public TokenRequestStatus? Status { get; set; }
}

/// <summary>What a token shall be.</summary>
public sealed class TokenRequestSpec : KubeFields
{
    /// <summary>Whom it is for; the API server when empty.</summary>
    public IList<string> Audiences { get; set; } = [];

    /// <summary>How long it lives; 3600 by default, at least 600.</summary>
    public long? ExpirationSeconds { get; set; }

    /// <summary>The pod or secret it dies with.</summary>
    public BoundObjectReference? BoundObjectRef { get; set; }
}

/// <summary>The object a token dies with.</summary>
public sealed class BoundObjectReference : KubeFields
{
    /// <summary><c>Pod</c> or <c>Secret</c>.</summary>
    public string? Kind { get; set; }

    /// <summary><c>v1</c>.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Name of the object.</summary>
    public string? Name { get; set; }

    /// <summary>Identity of the object.</summary>
    public string? Uid { get; set; }
}

/// <summary>The token. Never log it.</summary>
public sealed class TokenRequestStatus : KubeFields
{
    /// <summary>The token.</summary>
    public string? Token { get; set; }

    /// <summary>When it ends.</summary>
    public DateTime? ExpirationTimestamp { get; set; }
}
