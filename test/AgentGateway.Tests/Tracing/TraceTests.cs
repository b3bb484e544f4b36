using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.AgentRuntime.Hosting;
using Castellan.GatewayApi;
using Castellan.ServiceDefaults.Telemetry;
using Castellan.Telemetry.Tracing;
using Castellan.Testing.Otlp;
using Microsoft.AspNetCore.Builder;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Tracing;

/// <summary>What a collector sees of one call, end to end. Gateway, tool server and agent share this process, and so one export.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private GatewayWorld _world = null!;
    private OtlpReceiver _collector = null!;
    private IDisposable _export = null!;

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId _caller = ActivitySpanId.CreateRandom();

    public async Task InitializeAsync()
    {
        _collector = await OtlpReceiver.StartAsync();
        _export = TelemetryExport.Start("castellan-test", _collector.Settings())!;
        _world = await GatewayWorld.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _export.Dispose();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task Run_WhenTheGatewayRestarts_IsOneTraceFromItsStartToTheToolServer()
    {
        using var http = _world.Http("you", "castellan:viewers", "castellan:operators");
        http.DefaultRequestHeaders.Add("traceparent", Parent("01"));
        var run = await new GatewayClient(http).StartRunAsync("default", "triage", new StartRunRequest("why?"), default);
        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync();
        await RunPodUntilEndAsync(run.RunId);

        var trace = await _collector.TraceAsync(_trace.ToHexString(), spans => spans.Any(s => s.Name == "invoke_agent triage"));
        var request = Single(trace, "POST /v1/namespaces/{ns}/agents/{name}/runs", kind: 2);
        Assert.Equal(_caller.ToHexString(), request.ParentId);
        var agent = Single(trace, "invoke_agent triage", kind: 1);
        Assert.Equal((request.SpanId, run.RunId, "Succeeded"), (agent.ParentId, agent.Attributes["castellan.run.id"], agent.Attributes["castellan.run.state"]));
        Assert.Equal(2, trace.Count(s => s.Name == "chat book" && IsBelow(trace, s, agent)));
        var chat = trace.First(s => s.Name == "chat book");
        Assert.Equal(("chat", "castellan.runbook", "Completed"), (chat.Attributes["gen_ai.operation.name"], chat.Attributes["gen_ai.provider.name"], chat.Attributes["castellan.call.state"]));
        var tool = Single(trace, "execute_tool ops__read", kind: 1);
        Assert.True(IsBelow(trace, tool, agent));
        Assert.Equal(("read", "spine", "Allow", "1"), (tool.Attributes["gen_ai.tool.name"], tool.Attributes["castellan.policy.name"].Split('/')[1], tool.Attributes["castellan.policy.decision"], tool.Attributes["castellan.call.attempt"]));
        var sent = Single(trace, "tools/call read", kind: 3);
        var answered = Single(trace, "tools/call read", kind: 2);
        Assert.Equal((tool.SpanId, sent.SpanId), (sent.ParentId, answered.ParentId));
        Assert.Contains(trace, s => s.Name == "activity||CallTool" && IsBelow(trace, tool, s)); // the agent's own workflow stands between
        Assert.Contains(trace, s => s.Name == "activity||CallEffect" && s.SpanId == tool.ParentId); // and the gateway's
        Assert.All(trace.SelectMany(s => s.Attributes.Values), value => Assert.DoesNotContain("seen", value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_WhenAnIdeSendsATrace_GoesOnToTheToolServer()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        await client.CallToolAsync(Request("ops__read", Parent("01")));
        var trace = await _collector.TraceAsync(_trace.ToHexString(), spans => spans.Count(s => s.Source == "Castellan.Mcp") == 3 && spans.Any(s => s.Name == "execute_tool ops__read"));
        var edge = Single(trace, "tools/call ops__read", kind: 2);
        Assert.Equal((_caller.ToHexString(), "tools/call", "execute_tool"), (edge.ParentId, edge.Attributes["mcp.method.name"], edge.Attributes["gen_ai.operation.name"]));
        var tool = Single(trace, "execute_tool ops__read", kind: 1);
        var sent = Single(trace, "tools/call read", kind: 3);
        Assert.True(IsBelow(trace, tool, edge));
        Assert.Equal((tool.SpanId, sent.SpanId), (sent.ParentId, Single(trace, "tools/call read", kind: 2).ParentId));
        Assert.Equal($"00-{_trace}-{sent.SpanId}-01", (string?)Assert.Single(_world.Tools.Hits).Meta!["traceparent"]);
        Assert.DoesNotContain(trace, s => s.Attributes.Values.Any(v => v.Contains("hush", StringComparison.Ordinal) || v.Contains("read done", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Call_WhenContentIsAskedFor_HoldsArgumentsAndResult()
    {
        ContentCapture.IsOn = true;
        try
        {
            await using var client = await _world.McpAsync("/mcp", "you");
            var request = Request("ops__read", Parent("01"));
            request.Arguments!["password"] = JsonSerializer.SerializeToElement("open sesame");
            await client.CallToolAsync(request);
        }
        finally
        {
            ContentCapture.IsOn = false;
        }

        var tool = Single(await _collector.TraceAsync(_trace.ToHexString(), spans => spans.Any(s => s.Name == "execute_tool ops__read")), "execute_tool ops__read", kind: 1);
        Assert.Contains("hush", tool.Attributes["gen_ai.tool.call.arguments"], StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", tool.Attributes["gen_ai.tool.call.arguments"], StringComparison.Ordinal);
        Assert.Equal("read done", tool.Attributes["gen_ai.tool.call.result"]);
    }

    [Fact]
    public async Task Call_WhenPolicyDenies_TellsOfItAsAnError()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        await client.CallToolAsync(Request("ops__remove", Parent("01")));
        var trace = await _collector.TraceAsync(_trace.ToHexString(), spans => spans.Any(s => s.Name == "execute_tool ops__remove") && spans.Any(s => s.Name == "tools/call ops__remove"));
        var denied = Single(trace, "execute_tool ops__remove", kind: 1);
        Assert.Equal((true, "denied", "Deny", "never"), (denied.IsError, denied.Attributes["error.type"], denied.Attributes["castellan.policy.decision"], denied.Attributes["castellan.policy.rule"]));
        Assert.Equal("tool_error", Single(trace, "tools/call ops__remove", kind: 2).Attributes["error.type"]);
    }

    [Fact]
    public async Task Call_WhenTheCallerDoesNotSample_IsPassedOnAndNotRecorded()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        await client.CallToolAsync(Request("ops__read", Parent("00")));
        var sent = (string?)Assert.Single(_world.Tools.Hits).Meta!["traceparent"];
        Assert.StartsWith($"00-{_trace}-", sent, StringComparison.Ordinal);
        Assert.EndsWith("-00", sent, StringComparison.Ordinal);
        var other = ActivityTraceId.CreateRandom();
        await client.CallToolAsync(Request("ops__read", $"00-{other}-{_caller}-01"));
        await _collector.TraceAsync(other.ToHexString(), spans => spans.Any(s => s.Name == "execute_tool ops__read")); // sent after it, so it would be here
        Assert.DoesNotContain(_collector.Spans, s => s.TraceId == _trace.ToHexString());
    }

    private static CallToolRequestParams Request(string tool, string traceparent) => new()
    {
        Name = tool,
        Arguments = new Dictionary<string, JsonElement> { ["name"] = JsonSerializer.SerializeToElement("hush") },
        Meta = new JsonObject { ["traceparent"] = traceparent },
    };

    private string Parent(string flags) => $"00-{_trace}-{_caller}-{flags}";

    private static ReceivedSpan Single(IEnumerable<ReceivedSpan> trace, string name, int kind) => Assert.Single(trace, s => s.Name == name && s.Kind == kind);

    private static bool IsBelow(IReadOnlyList<ReceivedSpan> trace, ReceivedSpan span, ReceivedSpan above)
    {
        for (var one = span; one is not null; one = trace.FirstOrDefault(s => s.SpanId == one.ParentId))
        {
            if (one.SpanId == above.SpanId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The process of the agent's pod, in this process, until the run has ended.</summary>
    private async Task RunPodUntilEndAsync(string runId)
    {
        await using var pod = AgentHost.Build(new AgentEnvironment("triage", IPAddress.Loopback, _world.Workload, GatewayWorld.GatewayId), _world.AgentIdentity(), (0, 0));
        await pod.StartAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach (var item in _world.You().RunEventsAsync(runId, 0, deadline.Token))
        {
        }

        await pod.StopAsync();
    }
}
