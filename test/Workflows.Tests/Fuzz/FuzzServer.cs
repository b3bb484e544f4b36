using System.Diagnostics.Metrics;
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
    private readonly MeterListener _meters = new();
    private readonly Task _taking;
    private readonly DaprWorkflowClient _sane;
    private long _requests;
    private long _connections;

    private FuzzServer(SidecarServer server, ErrorRecorder errors)
    {
        _server = server;
        Errors = errors;
        _channel = server.Channel("fuzz");
        _sane = server.Client(SaneHub);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "http.server.active_requests" or "kestrel.active_connections")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "kestrel.active_connections")
            {
                Interlocked.Add(ref _connections, value);
            }
            else
            {
                Interlocked.Add(ref _requests, value);
            }
        });
        _meters.Start();
        _taking = Task.Run(TakeAsync);
    }

    public ErrorRecorder Errors { get; }

    public Uri Address => _server.Address;

    public static async Task<FuzzServer> StartAsync()
    {
        var errors = new ErrorRecorder();
        var options = new EmbeddedSidecarOptions { LocalHubs = [LocalHub], Loggers = errors, TurnLease = TimeSpan.FromSeconds(1), ActivityLease = TimeSpan.FromSeconds(1) };
        var server = await SidecarServer.StartAsync(options, errors);
        await server.AddWorkerAsync(SaneHub, worker =>
        {
            worker.RegisterWorkflow<int, int>("sane", async (context, number) => number + await context.CallActivityAsync<int>("one"));
            worker.RegisterActivity<int?, int>("one", (_, _) => Task.FromResult(1));
        });
        return new(server, errors);
    }

    /// <summary>One orchestration in a hub beside.</summary>
    public async Task WorkAsync(int number)
    {
        var id = await _sane.ScheduleNewWorkflowAsync("sane", $"s{number}", number);
        var state = await _sane.WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit());
        Assert.Equal(number + 1, state.ReadOutputAs<int>());
        Assert.True(await _sane.PurgeInstanceAsync(id));
    }

    /// <summary>Waits until the server serves nothing but the streams that the test itself keeps.</summary>
    public async Task QuietAsync()
    {
        await _ended.CancelAsync();
        await _taking;
        var limit = TestSidecar.Limit();
        while (Interlocked.Read(ref _requests) > 0 || Interlocked.Read(ref _connections) > 3)
        {
            Assert.False(limit.IsCancellationRequested, $"{Interlocked.Read(ref _requests)} requests and {Interlocked.Read(ref _connections)} connections are left");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _taking;
        _meters.Dispose();
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
