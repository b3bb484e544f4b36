namespace Castellan.Policy;

/// <summary>Who calls, or for whom a call is made, as authenticated.</summary>
public sealed record CallPrincipal
{
    /// <summary>User name; absent for a workload.</summary>
    public string? User { get; init; }

    /// <summary>Groups of the user.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>SPIFFE ID; absent for a person.</summary>
    public string? SpiffeId { get; init; }
}
