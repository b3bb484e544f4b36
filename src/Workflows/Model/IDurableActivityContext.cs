using Castellan.Storage;

namespace Castellan.Workflows;

/// <summary>
/// What an activity gets beyond Dapr's model when its worker is attached in memory: its writes join the unit of work that commits its
/// completion. The activity context implements it; over gRPC it does not.
/// </summary>
public interface IDurableActivityContext
{
    /// <summary>Adds writes to the commit of this activity's completion: both become durable, or neither.</summary>
    /// <remarks>
    /// Runs once on the store's writer when the activity has returned; nothing runs when it throws. If a write throws, the activity counts
    /// as failed with that error, and is not retried.
    /// </remarks>
    void Enlist(Action<IUnitOfWork> writes);

    /// <summary>1 for the first delivery of this call since the sidecar opened its store, 2 and more for deliveries after a loss.</summary>
    int Delivery { get; }

    /// <summary>Ends when the worker stops; the activity will then be delivered again.</summary>
    CancellationToken Stopping { get; }
}
