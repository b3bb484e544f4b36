using Castellan.Storage.Claims;
using Castellan.Testing;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>Listing, purging and what goes by itself.</summary>
public class PurgeTests
{
    protected virtual Backend Backend => Backend.Sqlite;

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("echo", (_, text) => text == "fail" ? throw new InvalidOperationException("asked to") : Task.FromResult(text));
        options.RegisterWorkflow<string?, string>("waiter", (context, _) => context.WaitForExternalEventAsync<string>("go"));
        options.RegisterWorkflow<string?, string>("parent", (context, _) => context.CallChildWorkflowAsync<string>("waiter", null, new() { InstanceId = "child" }));
    }

    [Fact]
    public async Task Query_WithConditions_ListsTheNewestFirstPageByPage()
    {
        await using var sidecar = await TestSidecar.StartAsync(on: Backend);
        await sidecar.AddWorkerAsync(Register);
        for (var i = 0; i < 5; i++)
        {
            await sidecar.RunAsync("echo", i == 3 ? "fail" : "x", "e" + i);
        }

        await sidecar.Client().ScheduleNewWorkflowAsync("waiter", "w0");
        var hub = sidecar.Hub();
        var first = await hub.QueryAsync(new() { PageSize = 4 }, default);
        Assert.Equal(["w0", "e4", "e3", "e2"], first.Instances.Select(one => one.InstanceId));
        var rest = await hub.QueryAsync(new() { PageSize = 4, ContinuationToken = first.ContinuationToken }, default);
        Assert.Equal(["e1", "e0"], rest.Instances.Select(one => one.InstanceId));
        Assert.Null(rest.ContinuationToken);

        async Task<string> IdsAsync(InstanceQuery query) => string.Join(' ', (await hub.QueryAsync(query, default)).Instances.Select(one => one.InstanceId));
        Assert.Equal("e3", await IdsAsync(new() { Statuses = [WorkflowRuntimeStatus.Failed] }));
        Assert.Equal("w0", await IdsAsync(new() { Name = "waiter" }));
        Assert.Equal("e4 e3 e2 e1 e0", await IdsAsync(new() { IdPrefix = "e" }));
        Assert.Equal("", await IdsAsync(new() { CreatedFrom = DateTimeOffset.MaxValue }));
        Assert.Empty((await sidecar.Hub("other").QueryAsync(new(), default)).Instances);
    }

    [Fact]
    public async Task Purge_ByFilter_RemovesWhatMatchesAndHasEnded()
    {
        await using var sidecar = await TestSidecar.StartAsync(on: Backend);
        await sidecar.AddWorkerAsync(Register);
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => sidecar.RunAsync("echo", i % 2 == 0 ? "x" : "fail", "e" + i)));
        await sidecar.Client().ScheduleNewWorkflowAsync("waiter", "w0");
        Assert.Equal(125, await sidecar.Hub().PurgeAsync(new() { Statuses = [WorkflowRuntimeStatus.Failed] }, default));
        Assert.Equal(125, await sidecar.Hub().PurgeAsync(new(), default));
        Assert.Equal(["w0"], (await sidecar.Client().ListInstanceIdsAsync()).InstanceIds);
        Assert.Equal(0, await sidecar.Hub().PurgeAsync(new(), default));
        Assert.Equal(1, await sidecar.Hub().PurgeAsync(new() { Force = true }, default));
        Assert.False((await sidecar.Client().GetWorkflowStateAsync("w0")).Exists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Purge_ByForce_TakesALivingTreeAndFreesItsId(bool recursive)
    {
        await using var sidecar = await TestSidecar.StartAsync(on: Backend);
        await sidecar.AddWorkerAsync(Register);
        var client = sidecar.Client();
        await client.ScheduleNewWorkflowAsync("parent", "parent");
        while (!(await client.GetWorkflowStateAsync("child")).Exists)
        {
            await Task.Yield();
        }

        Assert.False(await client.PurgeInstanceAsync("parent"));
        var purged = await sidecar.Hub().Control.PurgeAsync(new Protocol.PurgeInstancesRequest { InstanceId = "parent", Force = true, Recursive = recursive }, default);
        Assert.Equal(recursive ? 2 : 1, purged.DeletedInstanceCount);
        Assert.Equal(!recursive, (await client.GetWorkflowStateAsync("child")).Exists);
        await client.ScheduleNewWorkflowAsync("waiter", "parent");
        await client.RaiseEventAsync("parent", "go", "new life");
        Assert.Equal("new life", (await client.WaitForWorkflowCompletionAsync("parent", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Retention_WhenItHasPassed_RemovesEndedInstancesOnly()
    {
        var clock = new ManualTimeProvider();
        await using var sidecar = await TestSidecar.StartAsync(new() { Clock = clock, Retention = TimeSpan.FromDays(30) }, on: Backend);
        await sidecar.AddWorkerAsync(Register);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => sidecar.RunAsync("echo", "x", "old" + i)));
        await sidecar.Client().ScheduleNewWorkflowAsync("waiter", "alive");
        clock.Advance(TimeSpan.FromDays(20));
        await sidecar.RunAsync("echo", "x", "young");
        clock.Advance(TimeSpan.FromDays(10.5));
        IReadOnlyList<string> left = [];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (left is not ["alive", "young"])
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token); // the store has work to do
            left = (await sidecar.Client().ListInstanceIdsAsync()).InstanceIds;
        }

        Assert.Equal(0, await sidecar.Store.ReadAsync(view => view.First("select count(*) from workflow_history h where not exists(select 1 from workflow_instance where key = h.instance)",
            row => row.GetInt64(0)), default));
    }

    [Fact]
    public async Task ClaimRetention_WhenItHasPassed_RemovesEndedClaimsOnly()
    {
        var clock = new ManualTimeProvider();
        await using var sidecar = await TestSidecar.StartAsync(new() { Clock = clock, ClaimRetention = TimeSpan.FromDays(30) }, on: Backend);
        await sidecar.Store.WriteAsync(unit =>
        {
            EffectClaims.TryClaim(unit, "open", "d", clock.GetUtcNow());
            EffectClaims.TryClaim(unit, "ended", "d", clock.GetUtcNow());
            EffectClaims.End(unit, "ended", "done", clock.GetUtcNow());
        }, default);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await sidecar.Store.ReadAsync(view => EffectClaims.Find(view, "ended", "d"), default) is not null)
        {
            clock.Advance(TimeSpan.FromDays(31));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token); // the store has work to do
        }

        Assert.Equal(ClaimState.Open, (await sidecar.Store.ReadAsync(view => EffectClaims.Find(view, "open", "d"), default))!.Value.State);
    }
}
