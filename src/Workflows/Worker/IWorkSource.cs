using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;

namespace Castellan.Workflows.Worker;

/// <summary>Where a worker's work comes from: a sidecar over gRPC, or a hub in this process.</summary>
internal interface IWorkSource
{
    /// <summary>In words, for logs.</summary>
    string Name { get; }

    /// <summary>Whether activities may enlist writes into the commit of their completion.</summary>
    bool SharesStore { get; }

    /// <summary>Delivers work until the token ends it; returns or throws when the connection is lost.</summary>
    Task ReceiveAsync(IWorkReceiver receiver, CancellationToken ct);

    /// <summary>Answers a turn.</summary>
    Task CompleteAsync(WorkflowResponse response, CancellationToken ct);

    /// <summary>Answers an activity.</summary>
    Task CompleteAsync(ActivityOutcome outcome, CancellationToken ct);

    /// <summary>Whether the error passes, so that the same answer may be given again.</summary>
    bool IsTransient(Exception error);
}

/// <summary>Takes deliveries; its methods return at once.</summary>
internal interface IWorkReceiver
{
    /// <summary>Most turns at a time.</summary>
    int MaxTurns { get; }

    /// <summary>Most activities at a time.</summary>
    int MaxActivities { get; }

    /// <summary>The connection stands.</summary>
    void Connected();

    void Receive(Turn turn);

    void Receive(ActivityCall call);
}
