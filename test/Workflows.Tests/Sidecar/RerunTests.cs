using Castellan.Rpc;
using Castellan.Workflows.Client;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Running an ended instance again from one of its steps.</summary>
public class RerunTests : IAsyncLifetime
{
    protected virtual Backend Backend => Backend.Sqlite;

    private readonly List<string> _ran = [];
    private TestSidecar _sidecar = null!;
    private volatile bool _broken = true;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private void Register(WorkflowRuntimeOptions options)
    {
        options.MaxKeptExecutions = 0;
        options.RegisterWorkflow<string, string>("order", async (context, item) =>
        {
            var reserved = await context.CallActivityAsync<string>("step", "reserve " + item);
            var sides = await Task.WhenAll(context.CallActivityAsync<string>("step", "pack " + item), context.CallActivityAsync<string>("ship", "ship " + item));
            return string.Join(", ", [reserved, .. sides]);
        });
        options.RegisterWorkflow<string, string>("family", async (context, item) => await context.CallChildWorkflowAsync<string>("order", item));
        options.RegisterWorkflow<string, string>("patient", async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
            return "waited";
        });
        options.RegisterActivity<string, string>("step", (_, text) => Run(text));
        options.RegisterActivity<string, string>("ship", (_, text) => _broken ? throw new InvalidOperationException("no lorry") : Run(text));
    }

    private Task<string> Run(string text)
    {
        lock (_ran)
        {
            _ran.Add(text);
        }

        return Task.FromResult(text);
    }

    private async Task<WorkflowState> EndAsync(string id) => await _sidecar.Client().WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());

    [Fact]
    public async Task Rerun_FromAFailedActivity_KeepsWhatWasDoneBefore()
    {
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal(WorkflowRuntimeStatus.Failed, (await _sidecar.RunAsync("order", "lamp", "one")).RuntimeStatus);
        var failed = (await _sidecar.Hub().ReadTimelineAsync("one", default)).Single(entry => entry.Kind == WorkflowHistoryEventType.TaskFailed);
        Assert.Equal(("ship", "System.InvalidOperationException: no lorry"), (failed.Name, failed.Failure));
        _broken = false;
        var again = await _sidecar.Client().RerunWorkflowFromEventAsync("one", (uint)failed.Step!.Value);
        Assert.Equal("reserve lamp, pack lamp, ship lamp", (await EndAsync(again)).ReadOutputAs<string>());
        Assert.Single(_ran, "reserve lamp");
        Assert.Equal(2, _ran.Count(text => text == "pack lamp")); // it had no answer yet when the chosen step was asked for
        Assert.Equal(WorkflowRuntimeStatus.Failed, (await _sidecar.Client().GetWorkflowStateAsync("one")).RuntimeStatus);
    }

    [Fact]
    public async Task Rerun_WithInputAndId_UsesThem()
    {
        _broken = false;
        await _sidecar.AddWorkerAsync(Register);
        await _sidecar.RunAsync("order", "lamp", "one");
        var again = await _sidecar.Client().RerunWorkflowFromEventAsync("one", 0, new() { NewInstanceId = "two", OverwriteInput = true, Input = "steal lamp" });
        Assert.Equal("two", again);
        Assert.Equal("steal lamp, pack lamp, ship lamp", (await EndAsync("two")).ReadOutputAs<string>());
        var taken = await Assert.ThrowsAsync<RpcException>(() => _sidecar.Client().RerunWorkflowFromEventAsync("one", 0, new() { NewInstanceId = "two" }));
        Assert.Equal(StatusCode.AlreadyExists, taken.StatusCode);
    }

    [Fact]
    public async Task Rerun_FromAChildOrATimer_StartsThemAgain()
    {
        _broken = false;
        await _sidecar.AddWorkerAsync(Register);
        await _sidecar.RunAsync("family", "lamp", "parent");
        await _sidecar.RunAsync("patient", "", "waiter");
        await _sidecar.RestartAsync();
        await _sidecar.AddWorkerAsync(Register);
        Assert.Equal("reserve lamp, pack lamp, ship lamp", (await EndAsync(await _sidecar.Client().RerunWorkflowFromEventAsync("parent", 0))).ReadOutputAs<string>());
        Assert.Equal("waited", (await EndAsync(await _sidecar.Client().RerunWorkflowFromEventAsync("waiter", 0))).ReadOutputAs<string>());
        Assert.Equal(2, _ran.Count(text => text == "reserve lamp"));
    }

    [Fact]
    public async Task Rerun_WhenItCannotBe_SaysWhy()
    {
        await _sidecar.AddWorkerAsync(Register);
        var client = _sidecar.Client();
        await _sidecar.RunAsync("patient", "", "waiter");
        await client.ScheduleNewWorkflowAsync("patient", "future", "", DateTimeOffset.MaxValue.AddDays(-1));

        async Task RefusesAsync(StatusCode code, string id, uint step, RerunWorkflowFromEventOptions? options = null) =>
            Assert.Equal(code, (await Assert.ThrowsAsync<RpcException>(() => client.RerunWorkflowFromEventAsync(id, step, options))).StatusCode);

        await RefusesAsync(StatusCode.NotFound, "nobody", 0);
        await RefusesAsync(StatusCode.NotFound, "waiter", 7);
        await RefusesAsync(StatusCode.InvalidArgument, "waiter", 1); // its end
        await RefusesAsync(StatusCode.InvalidArgument, "waiter", 0, new() { OverwriteInput = true });
        await RefusesAsync(StatusCode.InvalidArgument, "waiter", 0, new() { NewInstanceId = "waiter" });
        await RefusesAsync(StatusCode.InvalidArgument, "future", 0);
    }
}
