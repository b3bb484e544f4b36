namespace Castellan.GatewayApi;

/// <summary>What can be done to one orchestration.</summary>
public enum WorkflowVerb
{
    /// <summary>End it and its children now.</summary>
    Terminate,

    /// <summary>Pause it: what comes in is kept.</summary>
    Suspend,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>Raise an event on it.</summary>
    Raise,

    /// <summary>Run it again from a step, as a new instance.</summary>
    Rerun,
}
