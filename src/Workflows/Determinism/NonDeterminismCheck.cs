namespace Castellan.Workflows.Determinism;

/// <summary>What a worker does when it registers an orchestration that cannot be replayed.</summary>
public enum NonDeterminismCheck
{
    /// <summary>It refuses to start, naming the call and what to use instead.</summary>
    Refuse,

    /// <summary>It does not look. A replay that goes another way is noticed all the same, when it happens, and fails the instance.</summary>
    Off,
}
