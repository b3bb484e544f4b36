using Castellan.Storage;
using Google.Protobuf;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>Which instances of a hub this sidecar works on: all, or those that it holds among several replicas.</summary>
internal interface IInstanceOwnership
{
    /// <summary>Whether others may work on the same hub.</summary>
    bool IsShared { get; }

    /// <summary>A token for one delivery; among replicas it names the one that delivered.</summary>
    string NewToken();

    /// <summary>Reads an instance, and takes it if it is active and free. One that another has comes back as foreign.</summary>
    Task<Instance> LoadAsync(HubStore rows, string id, CancellationToken ct);

    /// <summary>Fails the unit unless this sidecar holds the instance until the unit's commit.</summary>
    /// <exception cref="StoreFencedException">Now, or at the end of the unit: somebody else has it.</exception>
    void Fence(IUnitOfWork unit, long key);

    /// <summary>A new instance: this sidecar's, or left to whoever has a worker.</summary>
    void Inserted(IUnitOfWork unit, long key, bool keep);

    /// <summary>Something lies in an instance's inbox: whoever else has it is told.</summary>
    void Arrived(IUnitOfWork unit, long key);

    /// <summary>The instance ended: nobody needs to hold it, and everybody who waits for it is told.</summary>
    void Ended(IUnitOfWork unit, string id, long key);

    /// <summary>The instance's status changed: whoever waits for that elsewhere is told.</summary>
    void Changed(IUnitOfWork unit, string id);

    /// <summary>Brings a worker's answer to the replica that waits for it.</summary>
    /// <returns>False when there is none: the answer is stale.</returns>
    Task<bool> ForwardAsync(string instanceId, string token, AnswerKind kind, IMessage answer, CancellationToken ct);

    /// <summary>A commit for an instance failed because another has it, or because nobody knows what became of it.</summary>
    void Lost(StoreException reason);

    /// <summary>A worker came or went, or there is work that none is here for.</summary>
    void LookAround();

    /// <summary>Whether nobody can have taken this sidecar for dead: only then is anything delivered.</summary>
    bool IsAlive { get; }

    /// <summary>Waits until <see cref="IsAlive"/>.</summary>
    ValueTask UntilAliveAsync(CancellationToken ct);
}

/// <summary>What a worker answered.</summary>
internal enum AnswerKind
{
    /// <summary>A turn.</summary>
    Turn = 1,

    /// <summary>An activity.</summary>
    Activity = 2,
}
