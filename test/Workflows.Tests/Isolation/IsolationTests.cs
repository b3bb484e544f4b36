using System.Reflection;
using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Google.Protobuf;

namespace Castellan.Workflows.Tests.Isolation;

/// <summary>
/// A hub belongs to one identity. An intruder with another one, who knows every id and every completion token of the victim, tries every method of the
/// protocol: it sees nothing, and the victim notices nothing.
/// </summary>
public sealed class IsolationTests
{
    private const string Id = "one";

    [Theory]
    [InlineData("mutual TLS")]
    [InlineData("tokens")]
    public async Task Hub_WhenAnotherIdentityTriesEveryMethod_ShowsAndChangesNothing(string door)
    {
        await using var server = door == "tokens" ? await IdentityServer.WithTokensAsync() : await IdentityServer.WithMutualTlsAsync();
        using var channel = server.ChannelOf("victim");
        using var intruder = server.ChannelOf("intruder");
        await channel.UnaryAsync(TaskHubMethods.StartInstance, new() { InstanceId = Id, Name = "any", Input = "\"secret\"" });
        using var ended = new CancellationTokenSource();
        await using var items = channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).GetAsyncEnumerator();
        var turn = await NextAsync(items);
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Answer(turn, new WorkflowAction { Id = 0, ScheduleTask = new() { Name = "work", Input = "\"secret\"" } }));
        var activity = await NextAsync(items);
        await channel.UnaryAsync(TaskHubMethods.RaiseEvent, new() { InstanceId = Id, Name = "go" });
        turn = await NextAsync(items);

        var before = await SnapshotAsync(channel);
        var used = await TryEverythingAsync(intruder, turn, activity);
        Assert.Equal(AllMethods().Order(), used.Append(nameof(TaskHubMethods.GetWorkItems)).Distinct().Order());
        await AssertOwnHubAsync(intruder);
        Assert.Equal(before, await SnapshotAsync(channel));

        // What the victim held is still its own to answer.
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Answer(turn));
        await channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, new() { InstanceId = Id, TaskId = 0, Result = "\"mine\"", CompletionToken = activity.CompletionToken });
        turn = await NextAsync(items);
        Assert.Equal("\"mine\"", turn.WorkflowRequest.NewEvents.Single(one => one.TaskCompleted is not null).TaskCompleted.Result);
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Answer(turn, End("\"mine\"")));
        Assert.Equal("\"mine\"", (await StateAsync(channel)).WorkflowState.Output);
        await ended.CancelAsync();
    }

    private static IEnumerable<string> AllMethods() => typeof(TaskHubMethods).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => !field.IsLiteral).Select(field => field.Name);

    private static async Task<List<string>> TryEverythingAsync(GrpcChannel intruder, WorkItem turn, WorkItem activity)
    {
        await intruder.UnaryAsync(TaskHubMethods.Hello, new());
        Assert.False((await intruder.UnaryAsync(TaskHubMethods.GetInstance, new() { InstanceId = Id, GetInputsAndOutputs = true })).Exists);
        Assert.Empty((await intruder.UnaryAsync(TaskHubMethods.ListInstanceIds, new())).InstanceIds);
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.WaitForInstanceStart, new() { InstanceId = Id }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.WaitForInstanceCompletion, new() { InstanceId = Id }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = Id }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.RerunWorkflowFromEvent, new() { SourceInstanceID = Id, EventID = 0 }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.RaiseEvent, new() { InstanceId = Id, Name = "go", Input = "\"forged\"" }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.SuspendInstance, new() { InstanceId = Id }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.ResumeInstance, new() { InstanceId = Id }));
        await AssertNotFoundAsync(() => intruder.UnaryAsync(TaskHubMethods.TerminateInstance, new() { InstanceId = Id, Recursive = true }));
        foreach (var request in new PurgeInstancesRequest[] { new() { InstanceId = Id, Recursive = true, Force = true }, new() { PurgeInstanceFilter = new(), Recursive = true, Force = true } })
        {
            Assert.Equal(0, (await intruder.UnaryAsync(TaskHubMethods.PurgeInstances, request)).DeletedInstanceCount);
        }

        // With the stolen token, with none as the JavaScript worker answers, and with a guess.
        foreach (var (turnToken, activityToken) in new[] { (turn.CompletionToken, activity.CompletionToken), ("", ""), ("guess", "guess") })
        {
            var forged = new WorkflowResponse { InstanceId = Id, CompletionToken = turnToken };
            forged.Actions.Add(End("\"forged\""));
            await intruder.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, forged);
            await intruder.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, forged);
            await intruder.UnaryAsync(TaskHubMethods.CompleteActivityTask, new() { InstanceId = Id, TaskId = 0, Result = "\"forged\"", CompletionToken = activityToken });
        }

        await intruder.UnaryAsync(TaskHubMethods.StartInstance, new() { InstanceId = "own", Name = "any" });
        return [.. AllMethods().Where(method => method != nameof(TaskHubMethods.GetWorkItems))];
    }

    // Its stream brings its own work only, and what its orchestration sends to the victim's id stays in its own hub.
    private static async Task AssertOwnHubAsync(GrpcChannel intruder)
    {
        using var ended = new CancellationTokenSource();
        await using var items = intruder.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).GetAsyncEnumerator();
        var own = await NextAsync(items);
        Assert.Equal("own", own.WorkflowRequest.InstanceId);
        await intruder.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, Answer(own,
            new() { Id = 0, SendEvent = new() { Instance = new() { InstanceId = Id }, Name = "go", Data = "\"forged\"" } },
            new() { Id = 1, TerminateWorkflow = new() { InstanceId = Id, Recurse = true } },
            new() { Id = 2, CreateChildWorkflow = new() { InstanceId = Id, Name = "any" } }));
        var child = await NextAsync(items);
        Assert.Equal((Id, null), (child.WorkflowRequest.InstanceId, child.WorkflowRequest.NewEvents.Single(one => one.ExecutionStarted is not null).ExecutionStarted.Input));
        await intruder.UnaryAsync(TaskHubMethods.TerminateInstance, new() { InstanceId = "own", Recursive = true });
        await intruder.UnaryAsync(TaskHubMethods.PurgeInstances, new() { PurgeInstanceFilter = new(), Recursive = true, Force = true });
        await ended.CancelAsync();
    }

    private static WorkflowAction End(string result) => new() { Id = 9, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = result } };

    private static WorkflowResponse Answer(WorkItem turn, params WorkflowAction[] actions)
    {
        var response = new WorkflowResponse { InstanceId = turn.WorkflowRequest.InstanceId, CompletionToken = turn.CompletionToken };
        response.Actions.AddRange(actions);
        return response;
    }

    private static async Task<WorkItem> NextAsync(IAsyncEnumerator<WorkItem> items)
    {
        Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(TestSidecar.Limit()));
        return items.Current;
    }

    private static async Task AssertNotFoundAsync(Func<Task> reach) =>
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(reach)).StatusCode);

    private static async Task<GetInstanceResponse> StateAsync(GrpcChannel channel) =>
        await channel.UnaryAsync(TaskHubMethods.GetInstance, new() { InstanceId = Id, GetInputsAndOutputs = true });

    private static async Task<string> SnapshotAsync(GrpcChannel channel)
    {
        var history = await channel.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = Id });
        return $"{JsonFormatter.Default.Format(await StateAsync(channel))} {JsonFormatter.Default.Format(history)}";
    }
}
