namespace Castellan.Policy;

/// <summary>A call that waits for people, as far as the rules of approval need it.</summary>
public sealed record ApprovalRequest
{
    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>Digest of its arguments.</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>The call as policy sees it.</summary>
    public required CallContext Call { get; init; }

    /// <summary>What has to be said; none is not nothing to say, but nobody who may.</summary>
    public required IReadOnlyList<ApprovalDemand> Demands { get; init; }

    /// <summary>Until when it is waited for.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The person whom the call is for, who alone may confirm it; absent when it is for none.</summary>
    public string? Person => Call.OnBehalfOf?.User ?? Call.Principal.User;

    /// <summary>Whether somebody asked for the call, so that they may not approve it.</summary>
    public bool IsRequester(string user) => new[] { Call.Principal.User, Call.Principal.SpiffeId, Call.OnBehalfOf?.User, Call.OnBehalfOf?.SpiffeId }
        .Any(name => !string.IsNullOrEmpty(name) && string.Equals(name, user, StringComparison.OrdinalIgnoreCase));
}
