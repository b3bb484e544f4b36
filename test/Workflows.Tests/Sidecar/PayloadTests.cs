namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Large payloads stand once beside the rows that name them.</summary>
public class PayloadTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private static readonly string Large = new('x', 1 << 20);
    private TestSidecar _sidecar = null!;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(new() { MaxIdleInstances = 1 }, on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.MaxKeptExecutions = 0;
        options.RegisterWorkflow<string, string>("carry", async (context, text) =>
        {
            context.SetCustomStatus(text);
            var echoed = await context.CallActivityAsync<string>("echo", text);
            var child = await context.CallChildWorkflowAsync<string>("same", echoed);
            var raised = await context.WaitForExternalEventAsync<string>("go");
            return raised == child && child == text ? text : "something was lost";
        });
        options.RegisterWorkflow<string, string>("same", (_, text) => Task.FromResult(text));
        options.RegisterWorkflow<int, string>("again", async (context, round) =>
        {
            var text = await context.CallActivityAsync<string>("echo", Large + round);
            if (round < 5)
            {
                context.ContinueAsNew(round + 1);
            }

            return text;
        });
        options.RegisterActivity<string, string>("echo", (_, text) => Task.FromResult(text));
    }

    private Task<long> CountAsync(string what) => _sidecar.Store.ReadAsync(view => view.First($"select {what}", row => row.GetInt64(0)), default);

    [Fact]
    public async Task Payload_WhenLarge_IsStoredOnceAndGoesWithItsLastUser()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        foreach (var id in (string[])["one", "two"])
        {
            await client.ScheduleNewWorkflowAsync("carry", id, Large);
            await client.RaiseEventAsync(id, "go", Large);
        }

        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(Register);
        client = _sidecar.Client();
        foreach (var id in (string[])["one", "two"])
        {
            var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
            Assert.Equal(Large, state.ReadOutputAs<string>());
            Assert.Equal(Large, state.ReadInputAs<string>());
            Assert.Equal(Large, state.ReadCustomStatusAs<string>());
        }

        Assert.Equal(1, await CountAsync("count(*) from workflow_payload"));
        Assert.True(await CountAsync("sum(length(data)) from workflow_history") < 16_384);
        Assert.Contains(await _sidecar.Hub().ReadTimelineAsync("one", default), entry => entry.Payload?.Length > Large.Length);
        await client.PurgeInstanceAsync("one");
        Assert.Equal(1, await CountAsync("count(*) from workflow_payload"));
        await client.PurgeInstanceAsync("two");
        Assert.Equal(0, await CountAsync("count(*) from workflow_payload"));
        Assert.Equal(0, await CountAsync("count(*) from workflow_payload_use"));
    }

    [Fact]
    public async Task Payload_WhenTheInstanceContinuesAsNew_GoesWithItsExecution()
    {
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal(Large + 5, (await _sidecar.RunAsync("again", 0, "one")).ReadOutputAs<string>());
        Assert.Equal(1, await CountAsync("count(*) from workflow_payload"));
    }

    [Fact]
    public async Task Payload_ThatLooksLikeAReference_IsATextLikeAnyOther()
    {
        await _sidecar.AddWorkerAsync(Register, "victim");
        await _sidecar.RunAsync("same", Large, "secret", "victim");
        await _sidecar.AddWorkerAsync(options => options.RegisterActivity<string, string>("echo", (_, text) => Task.FromResult(text)));
        var forged = new Protocol.CreateInstanceRequest { InstanceId = "forged", Name = "same", Input = "\u00011" };
        await _sidecar.Hub().Control.StartAsync(forged, default);
        await _sidecar.RestartAsync();
        var state = await _sidecar.Hub().Control.GetAsync(new() { InstanceId = "forged", GetInputsAndOutputs = true }, default);
        Assert.Equal("\u00011", state.WorkflowState.Input);
    }
}
