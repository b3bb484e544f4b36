using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Sidecar;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>A worker that remembers is sent only what is new, and fetches what it has forgotten.</summary>
public sealed class StatefulHistoryTests
{
    private static Action<WorkflowRuntimeOptions> Code(int kept) => options =>
    {
        options.MaxKeptExecutions = kept;
        options.RegisterWorkflow<int, int>("sum", async (context, count) =>
        {
            var sum = 0;
            for (var i = 0; i < count; i++)
            {
                sum += await context.CallActivityAsync<int>("same", i);
            }

            return sum;
        });
        options.RegisterActivity<int, int>("same", (_, number) => Task.FromResult(number));
    };

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(0, 1)] // it forgets at once
    [InlineData(2, 5)] // it forgets most
    public async Task Worker_WhateverItKeeps_CompletesOverGrpc(int kept, int instances)
    {
        await using var server = await SidecarServer.StartAsync();
        await server.AddWorkerAsync("a", Code(kept));
        var client = server.Client("a");
        var ends = await Task.WhenAll(Enumerable.Range(0, instances).Select(async i =>
        {
            await client.ScheduleNewWorkflowAsync("sum", "s" + i, 20);
            return (await client.WaitForWorkflowCompletionAsync("s" + i, cancellation: TestSidecar.Limit())).ReadOutputAs<int>();
        }));
        Assert.All(ends, end => Assert.Equal(190, end));
    }

    [Fact]
    public async Task Sidecar_WhenAWorkerAnnouncesThatItRemembers_SendsTheRestOnly()
    {
        await using var server = await SidecarServer.StartAsync();
        using var channel = server.Channel("a");
        await server.Client("a").ScheduleNewWorkflowAsync("any", "one", 3);
        var request = new GetWorkItemsRequest { Capabilities = { WorkItemStream.StatefulHistory } };
        var turns = new List<WorkflowRequest>();
        await foreach (var item in channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, request, ct: TestSidecar.Limit()))
        {
            if (item.ActivityRequest is { } activity)
            {
                await channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, new() { InstanceId = "one", TaskId = activity.TaskId, Result = "1", CompletionToken = item.CompletionToken });
                continue;
            }

            turns.Add(item.WorkflowRequest);
            var answer = new WorkflowResponse { InstanceId = "one", CompletionToken = item.CompletionToken };
            answer.Actions.Add(turns.Count < 4
                ? new WorkflowAction { Id = turns.Count, ScheduleTask = new() { Name = "a" } }
                : new WorkflowAction { Id = turns.Count, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed } });
            await channel.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, answer);
            if (turns.Count == 4)
            {
                break;
            }
        }

        Assert.Equal([0, 0, 3, 6], turns.Select(turn => turn.CachedHistory?.EventCount ?? 0));
        Assert.Equal([0, 3, 3, 3], turns.Select(turn => turn.PastEvents.Count));
    }

    [Fact]
    public async Task Worker_WhenAttachedToASidecarWithLongHistories_FetchesThem()
    {
        await using var server = await SidecarServer.StartAsync(new() { MaxTurnBytes = 600 });
        await server.AddWorkerAsync("a", Code(0));
        var client = server.Client("a");
        await client.ScheduleNewWorkflowAsync("sum", "one", 20);
        Assert.Equal(190, (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<int>());
    }
}
