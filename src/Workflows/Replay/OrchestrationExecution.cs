using Castellan.Workflows.Protocol;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Replay;

/// <summary>
/// One execution of an orchestration in memory. It advances by applying history events on the calling thread; between turns it can be kept,
/// so that the next turn applies only what is new.
/// </summary>
internal sealed class OrchestrationExecution(Func<string, IWorkflow?> create, WorkflowJson json, ILoggerFactory loggers)
{
    private readonly List<HistoryEvent> _heldBack = [];
    private ReplayContext? _context;
    private Task? _running;
    private object? _output;
    private ExecutionTerminatedEvent? _terminated;
    private HistoryEvent? _lastTurnStart;
    private bool _suspended;
    private int _known;

    /// <summary>Whether it has answered its last turn.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether a turn was run.</summary>
    public bool IsRunning => _known > 0;

    /// <summary>Its first event, once that is known.</summary>
    public ExecutionStartedEvent? Started { get; private set; }

    /// <summary>Whether this object stands exactly where a turn's committed history ends.</summary>
    public bool Continues(Turn turn) =>
        !Ended && _known == turn.PastCount && _lastTurnStart is not null && turn.Past.Count > 0
        && LastTurnStart(turn.Past) is { } start && start.Timestamp.Equals(_lastTurnStart.Timestamp);

    /// <summary>Applies a turn and answers what the code asks for.</summary>
    public WorkflowResponse Run(Turn turn)
    {
        var response = new WorkflowResponse { InstanceId = turn.InstanceId, CompletionToken = turn.Token };
        try
        {
            if (_known != turn.PastCount)
            {
                Apply(turn.Past, turn, replaying: true);
                _context?.Steps.EnsureAllRecorded();
            }

            Apply(turn.New, turn, replaying: false);
            EnsureWaitsAreDurable();
            Answer(response);
        }
        catch (Exception error)
        {
            // Code and history differ, or the result cannot be serialised, or the like. Without an answer the turn would come again and again.
            Fail(response, error);
        }

        _known = turn.PastCount + turn.New.Count + response.Actions.Count;
        return response;
    }

    private void Fail(WorkflowResponse response, Exception error)
    {
        Ended = true;
        response.Actions.Clear();
        response.Actions.Add(Completion(OrchestrationStatus.Failed, null, Failure.From(error)));
        AnswerPatches(response);
    }

    private static HistoryEvent? LastTurnStart(IReadOnlyList<HistoryEvent> events)
    {
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (events[i].WorkflowStarted is not null)
            {
                return events[i];
            }
        }

        return null;
    }

    private void Apply(IReadOnlyList<HistoryEvent> events, Turn turn, bool replaying)
    {
        for (var i = 0; i < events.Count; i++)
        {
            _context?.EnterTurn();
            try
            {
                Apply(events[i], turn, replaying);
            }
            finally
            {
                _context?.LeaveTurn();
            }
        }
    }

    private void Apply(HistoryEvent now, Turn turn, bool replaying)
    {
        if (_context is not null)
        {
            _context.Replaying = replaying;
        }

        switch (now.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.WorkflowStarted:
                StartTurn(now, replaying);
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionSuspended:
                _suspended = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionResumed:
                Resume(turn);
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionTerminated:
                _terminated = now.ExecutionTerminated;
                break;
            case var _ when _suspended && StepEvents.IsInbound(now):
                _heldBack.Add(now);
                break;
            default:
                Advance(now, turn, replaying);
                break;
        }
    }

    private void StartTurn(HistoryEvent now, bool replaying)
    {
        if (replaying)
        {
            _context?.Steps.EnsureAllRecorded();
        }

        _lastTurnStart = now;
        _context?.SetTime(now.Timestamp.ToDateTime());
        if (replaying)
        {
            _context?.Patches.Record(now.WorkflowStarted.Version?.Patches ?? []);
        }
    }

    private void Resume(Turn turn)
    {
        _suspended = false;
        foreach (var held in _heldBack.ToList())
        {
            _heldBack.Remove(held);
            Advance(held, turn, _context?.Replaying ?? false);
        }
    }

    private void Advance(HistoryEvent now, Turn turn, bool replaying)
    {
        if (now.ExecutionStarted is { } started)
        {
            Start(started, turn, replaying);
        }
        else if (_context is not null)
        {
            StepEvents.Apply(_context, now);
        }
    }

    private void Start(ExecutionStartedEvent started, Turn turn, bool replaying)
    {
        if (_context is not null)
        {
            return; // a duplicate
        }

        Started = started;
        var executionId = started.WorkflowInstance?.ExecutionId ?? turn.ExecutionId;
        _context = new ReplayContext(new(started.Name, turn.InstanceId, executionId, turn.AppId), json, loggers) { Replaying = replaying };
        if (_lastTurnStart is { } turnStart)
        {
            _context.SetTime(turnStart.Timestamp.ToDateTime());
            _context.Patches.Record(turnStart.WorkflowStarted.Version?.Patches ?? []);
        }

        _context.EnterTurn();
        _running = RunAsync(_context, started);
    }

    private async Task RunAsync(ReplayContext context, ExecutionStartedEvent started)
    {
        var workflow = create(started.Name) ?? throw new InvalidOperationException(
            $"no orchestration named '{started.Name}' is registered with this worker; register it, or stop routing its instances here");
        _output = await workflow.RunAsync(context, json.Read(started.Input, workflow.InputType)).ConfigureAwait(false);
    }

    private void EnsureWaitsAreDurable()
    {
        if (_context is not { } context || _running is not { } running)
        {
            return;
        }

        if (context.Violation is { } violation)
        {
            throw new NonDeterministicOrchestrationException(violation);
        }

        if (!running.IsCompleted && _terminated is null && context.Steps.OpenCount == 0 && context.Events.WaitCount == 0)
        {
            throw new NonDeterministicOrchestrationException(
                $"orchestration '{context.Name}' waits for something that is not durable; wait only for what WorkflowContext returns "
                + "(no Task.Run, Task.Delay, Task.Yield or I/O), and move other work into an activity");
        }
    }

    private void Answer(WorkflowResponse response)
    {
        if (_terminated is { } terminated)
        {
            Ended = true;
            response.Actions.Add(Completion(OrchestrationStatus.Terminated, terminated.Input, null));
            return;
        }

        if (_context is not { } context)
        {
            return;
        }

        response.CustomStatus = context.CustomStatus;
        AnswerPatches(response);
        response.Actions.AddRange(context.Steps.Unrecorded);
        context.Steps.MarkRecorded();
        if (_running is { IsCompleted: true } ended && !_suspended)
        {
            Ended = true;
            Complete(response.Actions, context, ended);
        }
    }

    // Also with a failure: a sidecar that sees that the code lacks a patch keeps the instance for a worker that has it.
    private void AnswerPatches(WorkflowResponse response)
    {
        if (_context is { Patches.Taken.Count: > 0 } context)
        {
            response.Version = new WorkflowVersion();
            response.Version.Patches.AddRange(context.Patches.Taken);
        }
    }

    private void Complete(RepeatedField<WorkflowAction> actions, ReplayContext context, Task ended)
    {
        if (!ended.IsCompletedSuccessfully)
        {
            var error = ended.Exception?.InnerException ?? new TaskCanceledException(ended);
            actions.Add(Completion(OrchestrationStatus.Failed, null, Failure.From(error)));
        }
        else if (context.Next is { } next)
        {
            var completion = Completion(OrchestrationStatus.ContinuedAsNew, next.Input, null);
            if (next.KeepEvents)
            {
                completion.CompleteWorkflow.CarryoverEvents.AddRange(context.Events.Unclaimed);
            }

            actions.Add(completion);
        }
        else
        {
            actions.Add(Completion(OrchestrationStatus.Completed, json.Write(_output), null));
        }
    }

    private WorkflowAction Completion(OrchestrationStatus status, string? result, TaskFailureDetails? failure) => new()
    {
        Id = _context?.Steps.NextId() ?? 0,
        CompleteWorkflow = new() { WorkflowStatus = status, Result = result, FailureDetails = failure },
    };
}
