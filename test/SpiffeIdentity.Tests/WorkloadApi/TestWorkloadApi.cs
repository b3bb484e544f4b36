namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

/// <summary>An authority behind a real socket, with an attestor that a test sets.</summary>
internal sealed class TestWorkloadApi : IWorkloadAttestor, IAsyncDisposable
{
    public const string Web = "spiffe://castellan.local/ns/default/sa/web";
    public static readonly TrustDomain Domain = TrustDomain.Parse("castellan.local");

    public ManualTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public Authority Authority { get; private set; } = null!;

    public WorkloadApiServer Server { get; private set; } = null!;

    public string SocketPath { get; } = Path.Combine(Directory.CreateTempSubdirectory("wl").FullName, "w.sock");

    public Func<WorkloadProcess, IReadOnlyList<WorkloadIdentity>> Entitled { get; set; } = _ => [new(SpiffeId.Parse(Web))];

    public WorkloadProcess? LastProcess { get; private set; }

    public static async Task<TestWorkloadApi> StartAsync()
    {
        var api = new TestWorkloadApi();
        api.Authority = await Authority.OpenAsync(new() { TrustDomain = Domain, TimeProvider = api.Clock }, default);
        await api.StartServerAsync();
        return api;
    }

    public async Task StartServerAsync() =>
        Server = await WorkloadApiServer.StartAsync(new() { SocketPath = SocketPath }, Authority, this, null, default);

    public WorkloadApiClient Client() => new(Server.Address, Clock);

    public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct)
    {
        LastProcess = process;
        return new(Entitled(process));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
    }
}
