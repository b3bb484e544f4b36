using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Castellan.Testing.Otlp.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Testing.Otlp;

/// <summary>A collector that keeps what it is sent over OTLP (http/protobuf).</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _metrics = new(StringComparer.Ordinal);

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public IEnumerable<ReceivedSpan> Spans => _spans;

    public IEnumerable<string> MetricNames => _metrics.Keys;

    /// <summary>The environment of a process that sends to it, at once.</summary>
    public IConfiguration Settings(params (string Name, string Value)[] more) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.AbsoluteUri,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    }.Concat(more.Select(m => KeyValuePair.Create(m.Name, (string?)m.Value)))).Build();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", receiver.TracesAsync);
        app.MapPost("/v1/metrics", receiver.MetricsAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the spans of a trace are as they shall be; fails after a minute with those that came.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> TraceAsync(string traceId, Func<IReadOnlyList<ReceivedSpan>, bool> isComplete)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var trace = _spans.Where(s => s.TraceId == traceId).ToList();
            if (isComplete(trace)) return trace;
            if (deadline.IsCancellationRequested) throw new TimeoutException($"the trace is not complete after a minute:\n{string.Join('\n', trace.Select(s => $"{s.Name} ({s.Service}, {s.SpanId} under {s.ParentId})"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TracesAsync(HttpContext http)
    {
        foreach (var resource in ExportTraceServiceRequest.Parser.ParseFrom(await BodyAsync(http)).ResourceSpans)
        {
            var service = Text(resource.Resource.Attributes.FirstOrDefault(a => a.Key == "service.name")?.Value);
            foreach (var (scope, span) in resource.ScopeSpans.SelectMany(s => s.Spans.Select(span => (s.Scope.Name, span))))
            {
                _spans.Enqueue(new(service, scope, span.Name, span.Kind, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId))
                {
                    Attributes = span.Attributes.ToDictionary(a => a.Key, a => Text(a.Value)),
                    IsError = span.Status?.Code == 2,
                    Duration = TimeSpan.FromTicks((long)((span.EndTimeUnixNano - span.StartTimeUnixNano) / 100)),
                });
            }
        }
    }

    private async Task MetricsAsync(HttpContext http)
    {
        foreach (var metric in ExportMetricsServiceRequest.Parser.ParseFrom(await BodyAsync(http)).ResourceMetrics.SelectMany(r => r.ScopeMetrics).SelectMany(s => s.Metrics))
        {
            _metrics[metric.Name] = true;
        }
    }

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.ArrayValue => string.Join(',', value.ArrayValue.Values.Select(Text)),
        _ => "",
    };
}

/// <summary>A span as it arrived.</summary>
/// <param name="Service">Its <c>service.name</c>.</param>
/// <param name="Source">Its scope.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">1 internal, 2 server, 3 client, 4 producer.</param>
/// <param name="TraceId">Its trace.</param>
/// <param name="SpanId">Its id.</param>
/// <param name="ParentId">Its parent's; empty for a root.</param>
public sealed record ReceivedSpan(string Service, string Source, string Name, int Kind, string TraceId, string SpanId, string ParentId)
{
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    public bool IsError { get; init; }

    public TimeSpan Duration { get; init; }
}
