using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>
/// A sidecar under fire, with a worker that takes work in the fuzzed hub and never answers, so that forged answers find something to answer, and
/// another in a hub of its own that must go on as if nothing happened.
/// </summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    public const string LocalHub = "gateway";
    private const string SaneHub = "sane";

    private readonly SidecarServer _server;
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _ended = new();
    private readonly ServerLoad _load;
    private readonly Task _taking;
    private readonly DaprWorkflowClient _sane;

    private FuzzServer(SidecarServer server, ErrorRecorder errors, ServerLoad load)
    {
        _server = server;
        Errors = errors;
        _load = load;
        _channel = server.Channel("fuzz");
        _sane = server.Client(SaneHub);
        _taking = Task.Run(TakeAsync);
    }

    public ErrorRecorder Errors { get; }

    public Uri Address => _server.Address;

    public static async Task<FuzzServer> StartAsync()
    {
        var load = new ServerLoad();
        var errors = new ErrorRecorder();
        var options = new EmbeddedSidecarOptions { LocalHubs = [LocalHub], Loggers = errors, TurnLease = TimeSpan.FromSeconds(1), ActivityLease = TimeSpan.FromSeconds(1) };
        var server = await SidecarServer.StartAsync(options, errors);
        await server.AddWorkerAsync(SaneHub, worker =>
        {
            worker.RegisterWorkflow<int, int>("sane", async (context, number) => number + await context.CallActivityAsync<int>("one"));
            worker.RegisterActivity<int?, int>("one", (_, _) => Task.FromResult(1));
        });
        return new(server, errors, load);
    }

    /// <summary>One orchestration in a hub beside.</summary>
    public async Task WorkAsync(int number)
    {
        var id = await _sane.ScheduleNewWorkflowAsync("sane", $"s{number}", number);
        var state = await _sane.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(number + 1, state.ReadOutputAs<int>());
        Assert.True(await _sane.PurgeInstanceAsync(id));
    }

    /// <summary>Removes what the inputs started, and waits until the server serves nothing but the streams that the test itself keeps.</summary>
    public async Task QuietAsync()
    {
        await _ended.CancelAsync();
        await _taking;
        await _channel.UnaryAsync(TaskHubMethods.PurgeInstances, new() { PurgeInstanceFilter = new(), Force = true, Recursive = true }, ct: TestSidecar.Limit());
        var limit = TestSidecar.Limit();
        while (_load.Requests > 1 || _load.Connections > 3) // the other hub's worker; its client's and this one's connection
        {
            Assert.False(limit.IsCancellationRequested, $"{_load.Requests} requests and {_load.Connections} connections are left");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _taking;
        _load.Dispose();
        _channel.Dispose();
        await _server.DisposeAsync();
        _ended.Dispose();
    }

    private async Task TakeAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await foreach (var item in _channel.ServerStreamingAsync(TaskHubMethods.GetWorkItems, new GetWorkItemsRequest(), ct: _ended.Token))
                {
                    // Forged answers are for whoever guesses.
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
