using Castellan.AgentGateway.Audit;
using Castellan.AgentGateway.Audit.Delivery;
using Castellan.AgentGateway.Tests.World;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Audit;
using Castellan.KubeApi;
using Castellan.Storage;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentGateway.Tests.Audit;

/// <summary>Records reach what is beside the gateway, in their order, also when it was away or the gateway was.</summary>
public class AuditDeliveryTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-delivery-").FullName;
    private readonly HttpClient _http = new();
    private Store _store = null!;
    private AuditLog _log = null!;
    private CollectorServer _collector = null!;

    public async Task InitializeAsync()
    {
        _store = await Store.OpenAsync(new() { Location = await LocateAsync(), Migrations = [AuditLog.Schema, DeliveryTable.Migrations] }, default);
        _log = new(_store, TimeProvider.System);
        _collector = await CollectorServer.StartAsync();
    }

    private protected virtual Task<StoreLocation> LocateAsync() => Task.FromResult(StoreLocation.Sqlite(Path.Combine(_folder, "a.db")));

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Otlp_WhenTheCollectorOrTheGatewayWasAway_GetsEveryRecordInOrderAndGoesOnWhereItWas()
    {
        _collector.Refusals = 2;
        await AppendAsync(450);
        await RunUntilAsync(() => _collector.Taken.Count == 450, Otlp());
        Assert.Equal(2, _collector.Refused);

        await AppendAsync(3);
        await RunUntilAsync(() => _collector.Taken.Count == 453, Otlp());
        Assert.Equal(Enumerable.Range(1, 453).Select(i => (long)i), _collector.Sequences);

        var first = _collector.Taken.First();
        Assert.Equal(("castellan.audit.decided", 13, "WARN"), ((string)first["eventName"]!, (int)first["severityNumber"]!, (string)first["severityText"]!));
        Assert.Equal((await _log.GetAsync(1, default))!.Body, (string)first["body"]!["stringValue"]!);
    }

    [Fact]
    public async Task Otlp_WhenTwoGatewaysDeliver_OneDoes()
    {
        await AppendAsync(250);
        await RunUntilAsync(() => _collector.Taken.Count >= 250, Otlp(), Otlp());
        Assert.Equal(250, _collector.Sequences.Distinct().Count());
        if (_store.Shared is not null)
        {
            Assert.Equal(250, _collector.Taken.Count);
        }
    }

    [Fact]
    public async Task Otlp_WhenATokenFileIsSet_SendsTheToken()
    {
        var file = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(file, "secret\n");
        await AppendAsync(1);
        await RunUntilAsync(() => _collector.Taken.Count == 1, Otlp(file));
        Assert.Equal("Bearer secret", _collector.Authorization);
    }

    [Fact]
    public async Task DenialEvents_WhenAnAgentIsDeniedOftenAndAgain_TellsUpToTheBudgetAndNothingOfBefore()
    {
        await AppendAsync(5);
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var told = new List<string>();
        var sink = new DenialEventSink(key => key == new NamespacedName("default", "triage") ? new Agent { Spec = null! } : null, (_, reason, message) => told.Add($"{reason}: {message}"), clock);
        var delivery = Delivery(sink);
        await delivery.StartAsync(default);
        using var stop = new CancellationTokenSource();
        var running = delivery.RunAsync(stop.Token);
        await AppendAsync(40);
        await Eventually.TrueAsync(() => told.Count >= 25);
        await stop.CancelAsync();
        await running;

        Assert.Equal(25, told.Count);
        Assert.All(told, text => Assert.Equal("CallDenied: ops.remove is denied by rule 'no' of policy default/p", text));
        clock.Advance(TimeSpan.FromMinutes(5));
        await sink.DeliverAsync((await _log.ListAsync(new LogFilter { Limit = 2 }, default)).Records, default);
        Assert.Equal(26, told.Count);
    }

    private OtlpLogSink Otlp(string token = "") =>
        new(new AuditSettings { OtlpEndpoint = _collector.Url, OtlpTokenFile = token }, _http, TimeProvider.System, NullLogger<OtlpLogSink>.Instance);

    private AuditDelivery Delivery(IAuditSink sink) => new(_store, _log, [sink], TimeProvider.System, NullLogger<AuditDelivery>.Instance);

    private async Task RunUntilAsync(Func<bool> condition, params IAuditSink[] sinks)
    {
        using var stop = new CancellationTokenSource();
        var deliveries = sinks.Select(Delivery).ToList();
        foreach (var delivery in deliveries)
        {
            await delivery.StartAsync(default);
        }

        var running = Task.WhenAll(deliveries.Select(delivery => delivery.RunAsync(stop.Token)));
        await Eventually.TrueAsync(condition);
        while (await PositionAsync() != _collector.Sequences.Max())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await stop.CancelAsync();
        await running;
    }

    private Task<long> PositionAsync() => _store.ReadAsync(view => view.First("select position from audit_delivery", row => row.GetInt64(0)), default);

    private Task AppendAsync(int count) => _store.WriteAsync(unit =>
    {
        for (var i = 0; i < count; i++)
        {
            _log.Append(unit, new AuditRecord
            {
                Stage = AuditStage.Decided,
                Kind = AuditKind.Tool,
                CallId = $"call-{i}",
                Who = new AuditWho { Principal = "spiffe://castellan.local/ns/default/sa/agent-triage", Agent = "triage", AgentNamespace = "default", OnBehalfOf = "you" },
                What = new AuditWhat { Server = "ops", Name = "remove" },
                Why = new AuditWhy { Decision = "Deny", Rule = "no", Policy = "default/p" },
            });
        }
    }, default);
}
