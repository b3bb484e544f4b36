using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>How much a stream holds: an official worker silently drops what exceeds its queue of a hundred.</summary>
public sealed class CreditTests
{
    [Fact]
    public async Task Stream_WhenInstancesEndUnderItsHands_GetsNoMoreThanItMayHold()
    {
        await using var server = await SidecarServer.StartAsync(new() { MaxTurnsPerStream = 10 });
        using var channel = server.Channel("a");
        var client = server.Client("a");
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => client.ScheduleNewWorkflowAsync("any", "w" + i)));
        using var ended = new CancellationTokenSource();
        await using var items = channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new(), ct: ended.Token).GetAsyncEnumerator();
        var held = new List<WorkItem>();
        while (held.Count < 10)
        {
            Assert.True(await items.MoveNextAsync());
            held.Add(items.Current);
        }

        foreach (var item in held)
        {
            await client.TerminateWorkflowAsync(item.WorkflowRequest.InstanceId);
        }

        var next = items.MoveNextAsync().AsTask();
        await client.ListInstanceIdsAsync(); // the connection is in order: what was sent before is read by now
        Assert.False(next.IsCompleted, "an eleventh item came while ten were unanswered");
        await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, new() { InstanceId = held[0].WorkflowRequest.InstanceId, CompletionToken = held[0].CompletionToken });
        Assert.True(await next.WaitAsync(TestSidecar.Limit()));
        await ended.CancelAsync();
    }
}
