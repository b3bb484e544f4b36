using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests;

/// <summary>A store, an embedded sidecar on it, and workers joined in memory; it can be stopped and opened again on the same file.</summary>
internal sealed class TestSidecar : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IHost> _hosts = [];
    private readonly EmbeddedSidecarOptions _options;
    private readonly long? _maxBytes;

    private TestSidecar(EmbeddedSidecarOptions options, long? maxBytes)
    {
        _options = options;
        _maxBytes = maxBytes;
    }

    public static readonly MigrationSet Effects = new("effect", ["create table effect(id integer primary key, name text not null unique)"]);

    public Store Store { get; private set; } = null!;

    public EmbeddedSidecar Sidecar { get; private set; } = null!;

    public RecordingLoggers Loggers { get; } = new();

    public static async Task<TestSidecar> StartAsync(EmbeddedSidecarOptions? options = null, long? maxBytes = null)
    {
        var sidecar = new TestSidecar(options ?? new(), maxBytes);
        await sidecar.OpenAsync();
        return sidecar;
    }

    public TaskHub Hub(string name = "test") => Sidecar.Hub(name);

    public DaprWorkflowClient Client(string hub = "test") => Hub(hub).CreateClient();

    public async Task<IHost> AddWorkerAsync(Action<WorkflowRuntimeOptions> configure, string hub = "test")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(Loggers);
        builder.Services.AddSingleton(_options.Clock);
        builder.Services.AddDaprWorkflow(configure).UseInMemory(Hub(hub));
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public async Task<WorkflowState> RunAsync(string workflow, object? input = null, string? id = null, string hub = "test")
    {
        var client = Client(hub);
        var instance = await client.ScheduleNewWorkflowAsync(workflow, id, input);
        return await client.WaitForWorkflowCompletionAsync(instance, cancellation: Limit());
    }

    public static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public Task<List<string>> EffectsAsync() =>
        Store.ReadAsync(view => view.Query("select name from effect order by id", row => row.GetString(0)), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        Store = await Store.OpenAsync(new() { Location = StoreLocation.Sqlite(_folder.File("store.db")), Migrations = [EmbeddedSidecar.Schema, Effects], MaxBytes = _maxBytes }, CancellationToken.None);
        Sidecar = await EmbeddedSidecar.StartAsync(Store, _options, CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        _hosts.Clear();
        await Sidecar.DisposeAsync();
        await Store.DisposeAsync();
    }
}
