using System.Collections.Concurrent;
using System.Threading.Channels;
using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Testing;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>Sidecars and workers as processes, orchestrations that run on them, and kill -9 at moments that a seed chooses.</summary>
internal sealed class CrashRun : IAsyncDisposable
{
    private const int AtOnce = 200;

    private readonly string _folder;
    private readonly Random _random;
    private readonly List<ChildProcess> _processes = [];
    private readonly GrpcChannel _channel;
    private readonly GrpcTaskHubClient _client;
    private readonly Channel<int> _ended = Channel.CreateUnbounded<int>();

    public CrashRun(string folder, CrashSettings settings, int seed)
    {
        _folder = folder;
        _random = new(seed);
        settings.Save(folder);
        _channel = new(CrashSettings.Handler(folder, 0, settings.Replicas), new Uri("http://localhost"));
        _client = new(_channel, TimeProvider.System);
        for (var i = 0; i < settings.Replicas; i++)
        {
            _processes.Add(ChildProcess.Start(typeof(CrashRoles).Assembly, "sidecar", folder, i.ToString()));
        }

        for (var i = 0; i < settings.Workers; i++)
        {
            _processes.Add(ChildProcess.Start(typeof(CrashRoles).Assembly, "worker", folder, i.ToString()));
        }
    }

    public int Kills => _processes.Sum(process => process.Kills);

    /// <summary>What each orchestration answered: the outcomes of its steps.</summary>
    public ConcurrentDictionary<int, WorkflowState> States { get; } = new();

    /// <summary>Kills the database, and starts it again, in the midst of the kills of others; null leaves it alone.</summary>
    public Func<Task>? RestartDatabase { get; init; }

    public async Task RunAsync(int orchestrations, int kills, CancellationToken ct)
    {
        foreach (var process in _processes)
        {
            await process.ReadyAsync(ct);
        }

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var killing = OrCancelAsync(KillAsync(orchestrations, kills, failed.Token), failed);
        var working = OrCancelAsync(Parallel.ForAsync(0, orchestrations, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = failed.Token },
            async (number, stop) => await OneAsync(number, stop)), failed);
        await Task.WhenAll(killing, working);
    }

    /// <summary>Ends all processes and returns what they logged.</summary>
    public async Task<string> EndAsync() => string.Join('\n', await Task.WhenAll(_processes.Select(process => process.EndAsync())));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _channel.Dispose();
    }

    private static async Task OrCancelAsync(Task work, CancellationTokenSource other)
    {
        try
        {
            await work;
        }
        catch
        {
            await other.CancelAsync();
            throw;
        }
    }

    // Kills are spread over the work; what was just started again may die while it starts.
    private async Task KillAsync(int orchestrations, int kills, CancellationToken ct)
    {
        var moments = Enumerable.Range(0, kills).Select(_ => _random.Next(0, orchestrations * 95 / 100)).Order().ToList();
        var ended = 0;
        var restart = RestartDatabase is null ? -1 : moments.Count / 2;
        foreach (var (place, moment) in moments.Index().TakeWhile(_ => Kills < kills))
        {
            for (; ended < moment; ended++)
            {
                await _ended.Reader.ReadAsync(ct);
            }

            await Task.Delay(_random.Next(0, 200), ct);
            if (_random.Next(5) == 0)
            {
                await Task.WhenAll(_processes.Select(process => process.KillAsync()));
            }
            else
            {
                await _processes[_random.Next(_processes.Count)].KillAsync();
            }

            if (place == restart)
            {
                await RestartDatabase!();
            }
        }
    }

    private async Task OneAsync(int number, CancellationToken ct)
    {
        var id = $"w{number}";
        await StartAsync(new() { InstanceId = id, Name = "five", Input = number.ToString(), EnforceUniqueInstanceId = true }, ct);
        var response = await _client.WaitForCompletionAsync(new() { InstanceId = id, GetInputsAndOutputs = true }, ct);
        States[number] = new(response, new WorkflowJson());
        _ended.Writer.TryWrite(number);
    }

    private async Task StartAsync(CreateInstanceRequest request, CancellationToken ct)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await _client.StartAsync(request, ct);
                return;
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.AlreadyExists)
            {
                return; // its answer was lost with the sidecar
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(Backoff.After(failures), ct);
            }
        }
    }
}
