using System.Text.Json;
using Castellan.Rpc;

namespace Castellan.Workflows.Tests.Clients;

/// <summary>What every worker and every client must do together; one set of cases for all directions.</summary>
internal static class MatrixCases
{
    public static readonly IReadOnlyList<(string Name, Func<IMatrixClient, string, Task> Body)> All =
    [
        ("chain", (client, id) => ExpectAsync(client, id, "chain", "dapr", "HELLO DAPR!")),
        ("fan-out of more than a worker's queue", (client, id) => ExpectAsync(client, id, "fanOut", 250, 250 * 249)),
        ("children", (client, id) => ExpectAsync(client, id, "children", 30, Enumerable.Range(0, 30).Sum(i => i * i))),
        ("grandchildren", (client, id) => ExpectAsync(client, id, "grandparent", "child", "HELLO CHILD!")),
        ("timers", (client, id) => ExpectAsync(client, id, "timers", 100, "awake")),
        ("retries", (client, id) => ExpectAsync(client, id, "retried", id, 3)),
        ("caught failure", (client, id) => ExpectAsync(client, id, "catching", null, "caught true")),
        ("caught failure of a child", (client, id) => ExpectAsync(client, id, "catchingChild", null, "caught true")),
        ("event that does not come", (client, id) => ExpectAsync(client, id, "eventOrTimeout", 100, "expired")),
        ("continue-as-new, a thousand times", (client, id) => ExpectAsync(client, id, "countdown", 1000, "last")),
        ("failure details", FailureAsync),
        ("event", EventAsync),
        ("event before its timeout", EventInTimeAsync),
        ("events before they are waited for", EarlyEventsAsync),
        ("events across continue-as-new", CollectedAsync),
        ("suspend and resume", SuspendedAsync),
        ("terminate", TerminatedAsync),
        ("terminate with children", TerminatedParentAsync),
        ("purge", PurgedAsync),
        ("custom status", CustomStatusAsync),
        ("large payloads", LargeAsync),
        ("taken id", TakenIdAsync),
        ("unknown instance", UnknownAsync),
        ("many at once", ManyAsync),
    ];

    /// <summary>Patience with a loaded machine.</summary>
    public static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(180)).Token;

    private static async Task ExpectAsync(IMatrixClient client, string id, string name, object? input, object expected)
    {
        await client.ScheduleAsync(name, input, id);
        await ExpectEndAsync(client, id, expected);
    }

    private static async Task ExpectEndAsync(IMatrixClient client, string id, object expected)
    {
        var state = await client.EndedAsync(id);
        Assert.True(state.Status == WorkflowRuntimeStatus.Completed, $"{id} is {state.Status}: {state.Failure}");
        Assert.Equal(JsonSerializer.Serialize(expected), state.Output);
    }

    private static async Task StartAsync(IMatrixClient client, string id, string name, object? input = null)
    {
        await client.ScheduleAsync(name, input, id);
        Assert.Equal(WorkflowRuntimeStatus.Running, (await client.StartedAsync(id)).Status);
    }

    private static async Task FailureAsync(IMatrixClient client, string id)
    {
        await client.ScheduleAsync("failing", null, id);
        var state = await client.EndedAsync(id);
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.Status);
        Assert.Contains("out of paper", state.Failure);
        Assert.False(string.IsNullOrEmpty(state.FailureType));
    }

    private static async Task EventAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "event");
        await client.RaiseAsync(id, "approved", "yes"); // names are compared without case
        await ExpectEndAsync(client, id, "yes");
    }

    private static async Task EventInTimeAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "eventOrTimeout", 600_000);
        await client.RaiseAsync(id, "Approved", "in time");
        await ExpectEndAsync(client, id, "in time");
    }

    private static async Task EarlyEventsAsync(IMatrixClient client, string id)
    {
        await client.ScheduleAsync("ordered", null, id);
        await client.RaiseAsync(id, "second", "b");
        await client.RaiseAsync(id, "first", "a");
        await ExpectEndAsync(client, id, "a b");
    }

    private static async Task CollectedAsync(IMatrixClient client, string id)
    {
        await client.ScheduleAsync("collecting", new { items = Array.Empty<string>(), wanted = 5 }, id);
        for (var i = 0; i < 5; i++)
        {
            await client.RaiseAsync(id, "item", $"i{i}");
        }

        await ExpectEndAsync(client, id, "i0 i1 i2 i3 i4");
    }

    private static async Task SuspendedAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "event");
        await client.SuspendAsync(id);
        await client.RaiseAsync(id, "Approved", "later");
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await client.StateAsync(id)).Status);
        await client.ResumeAsync(id);
        await ExpectEndAsync(client, id, "later");
    }

    private static async Task TerminatedAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "event");
        await client.TerminateAsync(id, "enough");
        var state = await client.EndedAsync(id);
        Assert.Equal((WorkflowRuntimeStatus.Terminated, "\"enough\""), (state.Status, state.Output));
    }

    private static async Task TerminatedParentAsync(IMatrixClient client, string id)
    {
        var child = $"{id}-child";
        await StartAsync(client, id, "waitingParent");
        while (!(await client.StateAsync(child)).Exists)
        {
            await Task.Yield();
        }

        await client.StartedAsync(child);
        await client.TerminateAsync(id, "enough");
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await client.EndedAsync(id)).Status);
        if (!client.TerminatesChildren)
        {
            Assert.NotEqual(WorkflowRuntimeStatus.Terminated, (await client.StateAsync(child)).Status);
            await client.TerminateAsync(child, "enough");
        }

        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await client.EndedAsync(child)).Status);
    }

    private static async Task PurgedAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "event");
        Assert.False(await client.PurgeAsync(id));
        await client.RaiseAsync(id, "Approved", "yes");
        await ExpectEndAsync(client, id, "yes");
        Assert.True(await client.PurgeAsync(id));
        Assert.False((await client.StateAsync(id)).Exists);
        Assert.False(await client.PurgeAsync(id));
    }

    private static async Task CustomStatusAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "status");
        Assert.Equal("\"half\"", (await client.StateAsync(id)).CustomStatus);
        await client.RaiseAsync(id, "go", null);
        await ExpectEndAsync(client, id, "ended");
        Assert.Equal("\"done\"", (await client.StateAsync(id)).CustomStatus);
    }

    private static Task LargeAsync(IMatrixClient client, string id)
    {
        var text = string.Concat(Enumerable.Range(0, 1 << 17).Select(i => $"{i:x8}"));
        return ExpectAsync(client, id, "large", text, text);
    }

    private static async Task TakenIdAsync(IMatrixClient client, string id)
    {
        await StartAsync(client, id, "event");
        Assert.Equal(StatusCode.AlreadyExists, (await Assert.ThrowsAsync<RpcException>(() => client.ScheduleAsync("event", null, id))).StatusCode);
        await client.TerminateAsync(id, "enough");
        await client.EndedAsync(id);
        await ExpectAsync(client, id, "chain", "again", "HELLO AGAIN!");
    }

    private static async Task UnknownAsync(IMatrixClient client, string id)
    {
        Assert.False((await client.StateAsync(id)).Exists);
        Assert.False(await client.PurgeAsync(id));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => client.RaiseAsync(id, "x", null))).StatusCode);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => client.TerminateAsync(id, "x"))).StatusCode);
    }

    private static Task ManyAsync(IMatrixClient client, string id) =>
        Task.WhenAll(Enumerable.Range(0, 150).Select(i => ExpectAsync(client, $"{id}-{i}", "chain", $"w{i}", $"HELLO W{i}!")));
}
