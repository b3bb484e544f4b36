using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows;

/// <summary>Starts, watches and steers orchestrations of one hub.</summary>
/// <example>
/// <code>
/// var id = await client.ScheduleNewWorkflowAsync(nameof(Order), input: "lamp");
/// var state = await client.WaitForWorkflowCompletionAsync(id);
/// var receipt = state.ReadOutputAs&lt;string&gt;();
/// </code>
/// </example>
/// <remarks>Over gRPC its methods throw <see cref="Rpc.RpcException"/>; in process they throw the same with the same status.</remarks>
public sealed class DaprWorkflowClient : IDaprWorkflowClient
{
    private readonly ITaskHubClient _hub;
    private readonly WorkflowJson _json;

    internal DaprWorkflowClient(ITaskHubClient hub, WorkflowJson json)
    {
        _hub = hub;
        _json = json;
    }

    /// <summary>Starts an orchestration.</summary>
    /// <param name="name">Its registered name.</param>
    /// <param name="instanceId">Its id; <see langword="null"/> makes one.</param>
    /// <param name="input">Serialised to JSON.</param>
    /// <returns>The instance id; the start is durable.</returns>
    /// <exception cref="Rpc.RpcException">AlreadyExists: an instance with this id is active.</exception>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, (DateTimeOffset?)null);

    /// <summary>Starts an orchestration at a time (UTC).</summary>
    /// <inheritdoc cref="ScheduleNewWorkflowAsync(string, string?, object?)"/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, startTime is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : (DateTimeOffset?)null);

    /// <summary>Starts an orchestration at a time.</summary>
    /// <inheritdoc cref="ScheduleNewWorkflowAsync(string, string?, object?)"/>
    public async Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var id = instanceId ?? Guid.NewGuid().ToString("N");
        using var span = WorkflowTrace.StartCreation(name, id);
        var request = new CreateInstanceRequest
        {
            InstanceId = id,
            Name = name,
            Input = _json.Write(input),
            ParentTraceContext = WorkflowTrace.Current(),
            ScheduledStartTimestamp = startTime is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        };
        return (await _hub.StartAsync(request, cancellation).ConfigureAwait(false)).InstanceId;
    }

    /// <summary>Reads an instance; <see cref="WorkflowState.Exists"/> is false when there is none.</summary>
    public async Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        new(await _hub.GetAsync(Get(instanceId, getInputsAndOutputs), cancellation).ConfigureAwait(false), _json);

    /// <summary>Waits until the first turn of an instance ran.</summary>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance.</exception>
    public async Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        new(await _hub.WaitForStartAsync(Get(instanceId, getInputsAndOutputs), cancellation).ConfigureAwait(false), _json);

    /// <summary>Waits until an instance ended.</summary>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance.</exception>
    public async Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        new(await _hub.WaitForCompletionAsync(Get(instanceId, getInputsAndOutputs), cancellation).ConfigureAwait(false), _json);

    /// <summary>Raises an event on an instance; it is kept until the orchestration waits for it.</summary>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance, or it has ended.</exception>
    public Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
        _hub.RaiseEventAsync(new() { InstanceId = instanceId, Name = eventName, Input = _json.Write(eventPayload) }, cancellation);

    /// <summary>Ends an instance and its children now. Activities that run are not interrupted; their results are ignored.</summary>
    public Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default) =>
        _hub.TerminateAsync(new() { InstanceId = instanceId, Output = _json.Write(output), Recursive = true }, cancellation);

    /// <summary>Pauses an instance: what comes in is kept.</summary>
    public Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        _hub.SuspendAsync(new() { InstanceId = instanceId, Reason = reason }, cancellation);

    /// <summary>Lets a paused instance go on.</summary>
    public Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        _hub.ResumeAsync(new() { InstanceId = instanceId, Reason = reason }, cancellation);

    /// <summary>Removes an ended instance with its history and its children.</summary>
    /// <returns>Whether something was removed.</returns>
    public async Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default) =>
        (await _hub.PurgeAsync(new() { InstanceId = instanceId, Recursive = true }, cancellation).ConfigureAwait(false)).DeletedInstanceCount > 0;

    /// <summary>Lists the instances of the hub, page by page.</summary>
    public async Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default)
    {
        var request = new ListInstanceIDsRequest();
        if (continuationToken is not null)
        {
            request.ContinuationToken = continuationToken;
        }

        if (pageSize is { } size)
        {
            request.PageSize = checked((uint)size);
        }

        var response = await _hub.ListAsync(request, cancellation).ConfigureAwait(false);
        return new([.. response.InstanceIds], response.HasContinuationToken ? response.ContinuationToken : null);
    }

    /// <summary>Reads the history of an instance.</summary>
    public async Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        var response = await _hub.HistoryAsync(new() { InstanceId = instanceId }, cancellation).ConfigureAwait(false);
        return [.. response.Events.Select(one => new WorkflowHistoryEvent(one.EventId, (WorkflowHistoryEventType)(int)one.EventTypeCase, one.Timestamp.ToDateTimeOffset()))];
    }

    /// <summary>
    /// Starts a new instance with the history of an ended one up to a step, and runs from there. What that turn had asked for and had no answer yet is
    /// done again; a timer waits its whole span again.
    /// </summary>
    /// <param name="sourceInstanceId">The ended instance; it stays as it is.</param>
    /// <param name="eventId">Number of the activity, timer or child to run again.</param>
    /// <param name="options">Id and input; <see langword="null"/> makes an id and keeps the input.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The id of the new instance.</returns>
    /// <exception cref="Rpc.RpcException">NotFound: no such instance or step. InvalidArgument: it has not ended, or the step cannot be run again. AlreadyExists: the new id is taken.</exception>
    public async Task<string> RerunWorkflowFromEventAsync(string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null,
        CancellationToken cancellation = default)
    {
        var request = new RerunWorkflowFromEventRequest { SourceInstanceID = sourceInstanceId, EventID = eventId };
        if (options?.NewInstanceId is { } newId)
        {
            request.NewInstanceID = newId;
        }

        if (options is { OverwriteInput: true })
        {
            request.OverwriteInput = true;
            request.Input = _json.Write(options.Input);
        }

        return (await _hub.RerunAsync(request, cancellation).ConfigureAwait(false)).NewInstanceID;
    }

    /// <summary>Does nothing: the connection belongs to the host that made this client.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static GetInstanceRequest Get(string instanceId, bool payloads) => new() { InstanceId = instanceId, GetInputsAndOutputs = payloads };
}
