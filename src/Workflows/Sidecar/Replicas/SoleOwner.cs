using Castellan.Storage;
using Google.Protobuf;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>One sidecar has the store for itself: nothing is checked, nobody is told.</summary>
internal sealed class SoleOwner : IInstanceOwnership
{
    public bool IsShared => false;

    public bool IsAlive => true;

    public string NewToken() => Guid.NewGuid().ToString("N");

    public Task<Instance> LoadAsync(HubStore rows, string id, CancellationToken ct) => rows.ReadAsync(view => rows.Load(view, id), ct);

    public void Fence(IUnitOfWork unit, long key)
    {
    }

    public void Inserted(IUnitOfWork unit, long key, bool keep)
    {
    }

    public void Arrived(IUnitOfWork unit, long key)
    {
    }

    public void Ended(IUnitOfWork unit, string id, long key)
    {
    }

    public void Changed(IUnitOfWork unit, string id)
    {
    }

    public Task<bool> ForwardAsync(string instanceId, string token, AnswerKind kind, IMessage answer, CancellationToken ct) => Task.FromResult(false);

    public void Lost(StoreException reason)
    {
    }

    public void LookAround()
    {
    }

    public ValueTask UntilAliveAsync(CancellationToken ct) => ValueTask.CompletedTask;
}
