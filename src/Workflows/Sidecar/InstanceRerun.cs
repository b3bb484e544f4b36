using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Starts a new instance that takes over the history of an ended one up to a step and runs from there.</summary>
internal sealed class InstanceRerun(HubCore core, TurnExchange turns)
{
    public async Task<RerunWorkflowFromEventResponse> RerunAsync(RerunWorkflowFromEventRequest request, CancellationToken ct)
    {
        var id = request is { HasNewInstanceID: true, NewInstanceID.Length: > 0 } ? request.NewInstanceID : Guid.NewGuid().ToString("N");
        if (id == request.SourceInstanceID)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"the new instance cannot have the source's id '{id}'; choose another, or none");
        }

        var (source, history) = await core.Rows.ReadAsync(
            view => core.Rows.FindWhole(view, request.SourceInstanceID) is { } row ? (row, core.Rows.History(view, row.Key)) : default, ct).ConfigureAwait(false);
        if (source is null)
        {
            throw InstanceControl.NotFound(request.SourceInstanceID);
        }

        if (!source.IsEnded)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"'{source.Id}' is {source.Status}; only an ended instance can be rerun: wait for it, or terminate it");
        }

        await turns.ForkAsync(new RerunPlan(source, id, request, core.Now).Build(history), ct).ConfigureAwait(false);
        return new() { NewInstanceID = id };
    }
}
