using Castellan.Workflows.Protocol;
using Google.Protobuf.WellKnownTypes;
using static Castellan.Workflows.Protocol.WorkflowAction.ActionTypeOneofCase;

namespace Castellan.Workflows.Sidecar;

/// <summary>What an answered turn changes: pure, from the instance, the turn's events and the worker's answer.</summary>
internal sealed class TurnPlan
{
    private readonly DateTimeOffset _now;
    private readonly Timestamp _timestamp;

    private TurnPlan(InstanceRow row, DateTimeOffset now)
    {
        _now = now;
        _timestamp = Timestamp.FromDateTimeOffset(now);
        Row = row with { Updated = now, Started = row.Started ?? now, Status = row.Status == OrchestrationStatus.Pending ? OrchestrationStatus.Running : row.Status };
    }

    /// <summary>The instance after the turn.</summary>
    public InstanceRow Row { get; private set; }

    /// <summary>Events to append to its history.</summary>
    public List<HistoryEvent> History { get; } = [];

    public List<ActivityRequest> Activities { get; } = [];

    public List<(int Task, DateTimeOffset FireAt)> Timers { get; } = [];

    public List<CreateChildWorkflowAction> Children { get; } = [];

    /// <summary>Step numbers of <see cref="Children"/>, in the same order.</summary>
    public List<int> ChildSteps { get; } = [];

    /// <summary>Events for other instances of the hub.</summary>
    public List<(string InstanceId, HistoryEvent Event)> Messages { get; } = [];

    /// <summary>Answers to what the turn asks for in vain, for its own inbox.</summary>
    public List<HistoryEvent> Refusals { get; } = [];

    /// <summary>Events of the next execution, when this one continues as new.</summary>
    public List<HistoryEvent>? Restart { get; private set; }

    /// <summary>Children to terminate with it.</summary>
    public bool TerminateChildren { get; private set; }

    /// <summary>The span that caused the execution: everything that it asks for belongs to it.</summary>
    public TraceContext? Trace { get; private init; }

    /// <param name="row">The instance before the turn.</param>
    /// <param name="history">Its committed history.</param>
    /// <param name="newEvents">The events of the turn.</param>
    /// <param name="response">The worker's answer, checked.</param>
    /// <param name="now">The time of the commit.</param>
    public static TurnPlan From(InstanceRow row, HistoryLog history, IReadOnlyList<HistoryEvent> newEvents, WorkflowResponse response, DateTimeOffset now)
    {
        var plan = new TurnPlan(row, now)
        {
            Trace = history.Trace ?? newEvents.FirstOrDefault(one => one.ExecutionStarted is not null)?.ExecutionStarted.ParentTraceContext,
        };
        plan.History.AddRange(WithPatches(newEvents, response.Version, history.Patches.Count));
        plan.Row = plan.Row with { CustomStatus = response.CustomStatus };
        var restart = response.Actions.FirstOrDefault(action => action.CompleteWorkflow?.WorkflowStatus == OrchestrationStatus.ContinuedAsNew);
        if (restart is not null)
        {
            plan.ContinueAsNew(restart.CompleteWorkflow);
            return plan;
        }

        foreach (var action in response.Actions)
        {
            plan.Add(action);
        }

        return plan;
    }

    /// <summary>Ends the instance without asking a worker.</summary>
    public static TurnPlan Terminate(InstanceRow row, string? output, bool recurse, DateTimeOffset now)
    {
        var plan = new TurnPlan(row, now) { TerminateChildren = recurse };
        plan.History.Add(new() { EventId = -1, Timestamp = plan._timestamp, WorkflowStarted = new() });
        plan.History.Add(new() { EventId = -1, Timestamp = plan._timestamp, ExecutionTerminated = new() { Input = output, Recurse = recurse } });
        plan.Add(new() { Id = -1, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Terminated, Result = output } });
        return plan;
    }

    /// <summary>An instance that begins with another's history; its caller fills in what is open.</summary>
    public static TurnPlan Fork(InstanceRow row, DateTimeOffset now) => new(row, now);

    // Patches that history already has stay where they were first recorded.
    private static IEnumerable<HistoryEvent> WithPatches(IReadOnlyList<HistoryEvent> events, WorkflowVersion? version, int known)
    {
        foreach (var one in events)
        {
            if (one.WorkflowStarted is not null && version is not null && (version.HasName || version.Patches.Count > known))
            {
                var marked = one.Clone();
                marked.WorkflowStarted.Version = new() { Patches = { version.Patches.Skip(known) } };
                if (version.HasName)
                {
                    marked.WorkflowStarted.Version.Name = version.Name;
                }

                yield return marked;
            }
            else
            {
                yield return one;
            }
        }
    }

    private void Add(WorkflowAction action)
    {
        var recorded = new HistoryEvent { EventId = action.Id, Timestamp = _timestamp };
        switch (action.ActionTypeCase)
        {
            case ScheduleTask or CreateChildWorkflow when IsForOtherApp(action.Router):
                Refuse(action, recorded);
                break;
            case ScheduleTask:
                AddActivity(action, recorded);
                break;
            case CreateTimer:
                recorded.TimerCreated = Created(action.CreateTimer);
                Timers.Add((action.Id, action.CreateTimer.FireAt.ToDateTimeOffset()));
                break;
            case CreateChildWorkflow:
                var child = action.CreateChildWorkflow;
                child.InstanceId = child.InstanceId.Length > 0 ? child.InstanceId : $"{Row.Id}:{action.Id:x4}";
                recorded.ChildWorkflowInstanceCreated = new()
                {
                    InstanceId = child.InstanceId, Name = child.Name, Version = child.Version, Input = child.Input, ParentTraceContext = Trace,
                };
                Children.Add(child);
                ChildSteps.Add(action.Id);
                break;
            case SendEvent:
                recorded.EventSent = new() { InstanceId = action.SendEvent.Instance.InstanceId, Name = action.SendEvent.Name, Input = action.SendEvent.Data };
                Messages.Add((action.SendEvent.Instance.InstanceId,
                    new() { EventId = -1, Timestamp = _timestamp, EventRaised = new() { Name = action.SendEvent.Name, Input = action.SendEvent.Data } }));
                break;
            case CompleteWorkflow:
                Complete(action.CompleteWorkflow, recorded);
                break;
            default:
                return;
        }

        History.Add(recorded);
    }

    private static bool IsForOtherApp(TaskRouter? router) => router is { HasTargetAppID: true } && router.TargetAppID != router.SourceAppID;

    private void Refuse(WorkflowAction action, HistoryEvent recorded)
    {
        var failure = new TaskFailureDetails
        {
            ErrorType = "TargetAppNotReachable",
            ErrorMessage = $"app '{action.Router.TargetAppID}' is another hub, and the embedded sidecar keeps hubs apart; call it through the gateway, or run on Dapr",
            IsNonRetriable = true,
        };
        var refusal = new HistoryEvent { EventId = -1, Timestamp = _timestamp };
        if (action.ScheduleTask is { } task)
        {
            recorded.TaskScheduled = new() { Name = task.Name, Version = task.Version, Input = task.Input, TaskExecutionId = task.TaskExecutionId };
            refusal.TaskFailed = new() { TaskScheduledId = action.Id, FailureDetails = failure, TaskExecutionId = task.TaskExecutionId };
        }
        else
        {
            var child = action.CreateChildWorkflow;
            recorded.ChildWorkflowInstanceCreated = new() { InstanceId = child.InstanceId, Name = child.Name, Version = child.Version, Input = child.Input };
            refusal.ChildWorkflowInstanceFailed = new() { TaskScheduledId = action.Id, FailureDetails = failure };
        }

        Refusals.Add(refusal);
    }

    private void AddActivity(WorkflowAction action, HistoryEvent recorded)
    {
        var task = action.ScheduleTask;
        recorded.TaskScheduled = new() { Name = task.Name, Version = task.Version, Input = task.Input, TaskExecutionId = task.TaskExecutionId, ParentTraceContext = Trace };
        Activities.Add(Request(action.Id, recorded.TaskScheduled));
    }

    /// <summary>What a worker gets for a scheduled activity.</summary>
    public ActivityRequest Request(int step, TaskScheduledEvent task) => new()
    {
        Name = task.Name,
        Version = task.Version,
        Input = task.Input,
        TaskId = step,
        TaskExecutionId = task.TaskExecutionId,
        ParentTraceContext = task.ParentTraceContext,
        WorkflowInstance = new() { InstanceId = Row.Id, ExecutionId = Row.ExecutionId },
    };

    private void Complete(CompleteWorkflowAction completion, HistoryEvent recorded)
    {
        recorded.ExecutionCompleted = new() { WorkflowStatus = completion.WorkflowStatus, Result = completion.Result, FailureDetails = completion.FailureDetails };
        Row = Row with { Status = completion.WorkflowStatus, Output = completion.Result, Failure = completion.FailureDetails, Completed = _now };
        if (Row.Parent is not { } parent)
        {
            return;
        }

        var answer = new HistoryEvent { EventId = -1, Timestamp = _timestamp };
        if (completion.WorkflowStatus == OrchestrationStatus.Completed)
        {
            answer.ChildWorkflowInstanceCompleted = new() { TaskScheduledId = parent.TaskScheduledId, Result = completion.Result };
        }
        else
        {
            answer.ChildWorkflowInstanceFailed = new()
            {
                TaskScheduledId = parent.TaskScheduledId,
                FailureDetails = completion.FailureDetails ?? new() { ErrorType = completion.WorkflowStatus.ToString(), ErrorMessage = $"the child orchestration '{Row.Id}' was terminated" },
            };
        }

        Messages.Add((parent.WorkflowInstance.InstanceId, answer));
    }

    private void ContinueAsNew(CompleteWorkflowAction completion)
    {
        Row = Row with { ExecutionId = Guid.NewGuid().ToString("N"), Input = completion.Result };
        History.Clear();
        Restart =
        [
            new()
            {
                EventId = -1,
                Timestamp = _timestamp,
                ExecutionStarted = new()
                {
                    Name = Row.Name,
                    Version = completion.NewVersion ?? Row.Version,
                    Input = completion.Result,
                    ParentInstance = Row.Parent,
                    WorkflowInstance = new() { InstanceId = Row.Id, ExecutionId = Row.ExecutionId },
                },
            },
            .. completion.CarryoverEvents,
        ];
    }

    private static TimerCreatedEvent Created(CreateTimerAction timer)
    {
        var created = new TimerCreatedEvent { FireAt = timer.FireAt };
        if (timer.HasName)
        {
            created.Name = timer.Name;
        }

        switch (timer.OriginCase)
        {
            case CreateTimerAction.OriginOneofCase.CreateTimer:
                created.CreateTimer = timer.CreateTimer;
                break;
            case CreateTimerAction.OriginOneofCase.ExternalEvent:
                created.ExternalEvent = timer.ExternalEvent;
                break;
            case CreateTimerAction.OriginOneofCase.ActivityRetry:
                created.ActivityRetry = timer.ActivityRetry;
                break;
            case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry:
                created.ChildWorkflowRetry = timer.ChildWorkflowRetry;
                break;
        }

        return created;
    }
}
