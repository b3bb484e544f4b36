using Castellan.Storage;
using Castellan.Workflows.Abstractions;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Replay;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Worker;

/// <summary>
/// Runs one delivery of an activity in its own scope and turns what happens into an answer. An activity that gives up because its process is
/// told to stop has not failed: it is not answered, and so delivered again.
/// </summary>
internal sealed partial class ActivityRunner(
    Func<IServiceProvider, string, IWorkflowActivity?> create, WorkflowJson json, IServiceScopeFactory scopes, CancellationToken hostStopping, ILogger<ActivityRunner> log)
{
    /// <returns>The answer; <see langword="null"/> when the worker stopped first, so that the call is delivered again.</returns>
    public async Task<ActivityOutcome?> RunAsync(ActivityCall call, bool sharesStore, CancellationToken stopping)
    {
        var request = call.Request;
        var response = new ActivityResponse
        {
            InstanceId = request.WorkflowInstance.InstanceId,
            TaskId = request.TaskId,
            CompletionToken = call.Token,
        };
        using var span = WorkflowTrace.StartActivity(request);
        var began = WorkflowMetrics.Begin(WorkflowMetrics.Activities);
        var context = sharesStore ? new DurableActivityContext(call, stopping) : new ActivityContext(call);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var activity = create(scope.ServiceProvider, request.Name) ?? throw new NonRetriableActivityException(
                $"no activity named '{request.Name}' is registered with this worker; register it, or stop routing its calls here");
            var output = await activity.RunAsync(context, json.Read(request.Input, activity.InputType)).ConfigureAwait(false);
            response.Result = json.Write(output);
            WorkflowMetrics.EndActivity(began, request.Name, null);
            return new(response, (context as DurableActivityContext)?.Writes);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (hostStopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            WorkflowTrace.Fail(span, error);
            WorkflowMetrics.EndActivity(began, request.Name, error.GetType().Name);
            LogFailed(request.Name, response.InstanceId, request.TaskId, error);
            response.FailureDetails = Failure.From(error);
            return new(response, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Activity {Activity} of {Instance}, step {Step}, failed")]
    private partial void LogFailed(string activity, string instance, int step, Exception error);
}

internal class ActivityContext(ActivityCall call) : WorkflowActivityContext
{
    public override TaskIdentifier Identifier => call.Request.Name;

    public override string TaskExecutionKey => call.Request.TaskExecutionId is { Length: > 0 } key
        ? key
        : $"{call.Request.WorkflowInstance.ExecutionId}|{call.Request.WorkflowInstance.InstanceId}|{call.Request.TaskId}";

    public override string InstanceId => call.Request.WorkflowInstance.InstanceId;

    public int Delivery => call.Delivery;
}

internal sealed class DurableActivityContext(ActivityCall call, CancellationToken stopping) : ActivityContext(call), IDurableActivityContext
{
    public Action<IUnitOfWork>? Writes { get; private set; }

    public CancellationToken Stopping => stopping;

    public void Enlist(Action<IUnitOfWork> writes) => Writes += writes;
}
