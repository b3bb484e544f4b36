using System.Collections.Concurrent;
using System.Diagnostics;
using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests.Model;

/// <summary>The trace of the one who started an instance reaches its activities and children, also through a restart.</summary>
public sealed class TraceTests
{
    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("parent", async (context, text) =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            return await context.CallChildWorkflowAsync<string>("child", text);
        });
        options.RegisterWorkflow<string, string>("child", async (context, text) => await context.CallActivityAsync<string>("trace", text));
        options.RegisterActivity<string, string>("trace", (_, _) => Task.FromResult(Activity.Current?.TraceId.ToHexString() ?? "none"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trace_WhenAnInstanceIsStartedInASpan_ReachesItsActivities(bool overGrpc)
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is WorkflowTrace.SourceName or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        await using var server = await SidecarServer.StartAsync();
        var client = overGrpc ? server.Client("a") : server.Test.Client("a");
        string trace;
        using (var root = source.StartActivity("caller"))
        {
            trace = root!.TraceId.ToHexString();
            await client.ScheduleNewWorkflowAsync("parent", "one", "x");
        }

        await server.Test.RestartAsync();
        client = server.Test.Client("a");
        await server.Test.AddWorkerAsync(Register, "a");
        await client.RaiseEventAsync("one", "go");
        Assert.Equal(trace, (await client.WaitForWorkflowCompletionAsync("one", cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
        var names = spans.Where(span => span.TraceId.ToHexString() == trace).Select(span => span.OperationName).ToHashSet();
        Assert.Superset(new HashSet<string> { "create_orchestration||parent", "orchestration||parent", "orchestration||child", "activity||trace" }, names);
    }
}
