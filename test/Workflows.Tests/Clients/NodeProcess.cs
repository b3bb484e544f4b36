using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Castellan.Rpc;
using Castellan.Testing;
using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests.Clients;

/// <summary>An official npm package in a Node process: the matrix's worker, its client, or both (npm/run.mjs).</summary>
internal sealed class NodeProcess : IMatrixClient
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private int _last;

    private NodeProcess(Process process, string package)
    {
        _process = process;
        TerminatesChildren = package == "durabletask";
        _errors = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    public bool TerminatesChildren { get; }

    /// <param name="package"><c>dapr</c> or <c>durabletask</c>.</param>
    /// <param name="server">The sidecar.</param>
    /// <param name="token">API token, which names the hub.</param>
    /// <param name="roles"><c>worker</c>, <c>client</c>, or both.</param>
    public static async Task<NodeProcess> StartAsync(string package, SidecarServer server, string token, params string[] roles)
    {
        var start = new ProcessStartInfo("node", ["run.mjs", package, .. roles])
        {
            WorkingDirectory = await NpmPackages.InstallAsync("Workflows.Tests", MatrixCases.Limit()),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PORT"] = server.Address.Port.ToString();
        start.Environment["TOKEN"] = token;
        var node = new NodeProcess(Process.Start(start)!, package);
        await node._ready.Task.WaitAsync(MatrixCases.Limit());
        return node;
    }

    public Task ScheduleAsync(string name, object? input, string id) => CallAsync("schedule", name, input, id);

    public Task<MatrixState> StateAsync(string id) => StateOfAsync("state", id);

    public Task<MatrixState> StartedAsync(string id) => StateOfAsync("started", id);

    public Task<MatrixState> EndedAsync(string id) => StateOfAsync("ended", id);

    public Task RaiseAsync(string id, string eventName, object? payload) => CallAsync("raise", id, eventName, payload);

    public Task SuspendAsync(string id) => CallAsync("suspend", id);

    public Task ResumeAsync(string id) => CallAsync("resume", id);

    public Task TerminateAsync(string id, string output) => CallAsync("terminate", id, output, true);

    public async Task<bool> PurgeAsync(string id) => (await CallAsync("purge", id)).GetBoolean();

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process.Dispose();
    }

    /// <summary>Ends the process and returns what it wrote to its error output.</summary>
    public async Task<string> EndAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var kill = patience.Token.Register(() => _process.Kill(entireProcessTree: true));
        await _process.WaitForExitAsync();
        await _reading;
        return await _errors;
    }

    private async Task<MatrixState> StateOfAsync(string operation, string id) => (await CallAsync(operation, id)).Deserialize<MatrixState>(Json)!;

    private async Task<JsonElement> CallAsync(string operation, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _pending[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { id, operation, arguments }, Json));
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }

        return await answer.Task.WaitAsync(MatrixCases.Limit());
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                Take(JsonDocument.Parse(line.AsMemory(2)).RootElement);
            }
        }

        var end = new InvalidOperationException($"node ended: {await _errors}");
        _ready.TrySetException(end);
        foreach (var answer in _pending.Values)
        {
            answer.TrySetException(end);
        }
    }

    private void Take(JsonElement line)
    {
        if (line.ValueKind == JsonValueKind.String)
        {
            _ready.TrySetResult();
        }
        else if (_pending.TryRemove(line.GetProperty("id").GetInt32(), out var answer))
        {
            if (line.TryGetProperty("error", out var error))
            {
                // "CODE message", where gRPC gave a code
                var parts = error.GetString()!.Split(' ', 2);
                answer.SetException(new RpcException(int.TryParse(parts[0], out var code) ? (StatusCode)code : StatusCode.Unknown, parts[1]));
            }
            else
            {
                answer.SetResult(line.GetProperty("result"));
            }
        }
    }
}
