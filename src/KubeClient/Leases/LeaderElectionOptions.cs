namespace Castellan.KubeClient.Leases;

/// <summary>Times of a leader election; the defaults are client-go's.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>How long others wait after the last renewal they saw; 15 s by default.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it stops leading; 10 s by default, less than the duration.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is tried; 2 s by default.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);
}
