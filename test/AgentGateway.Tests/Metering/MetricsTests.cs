using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.Telemetry.Prometheus;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Metering;

/// <summary>What a Prometheus reads after some calls. The counters are the process', so other tests may add to them.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private readonly PrometheusCollector _collector = new();
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _collector.Dispose();
    }

    [Fact]
    public async Task Metrics_WhenCallsWereMade_TellOfThemAndPromtoolAccepts()
    {
        var run = await _world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default);
        var agent = _world.Agent();
        await agent.CallAsync(run.RunId, new CallRequest { Sequence = 1, Kind = CallKind.Model, Model = new([new(Microsoft.Extensions.AI.ChatRole.User, "why?")], []) }, default);
        await agent.CallAsync(run.RunId, new CallRequest { Sequence = 2, Kind = CallKind.Tool, Tool = new("ops__read", []) }, default);
        await agent.CallAsync(run.RunId, new CallRequest { Sequence = 3, Kind = CallKind.Tool, Tool = new($"ops__{Guid.NewGuid():N}", []) }, default);
        await using var client = await _world.McpAsync("/mcp", "you");
        await client.CallToolAsync("ops__read", new Dictionary<string, object?> { ["name"] = "hush" });
        await Eventually.TrueAsync(() => _collector.Write().Contains("\ncastellan_audit_checkpoint_timestamp_seconds ", StringComparison.Ordinal));

        var text = _collector.Write();
        foreach (var expected in new[]
        {
            """castellan_calls_total{castellan_call_kind="tool",castellan_namespace="default",castellan_tool_server="ops",castellan_policy_decision="Allow",castellan_policy_name="default/spine",castellan_call_state="Completed"}""",
            """castellan_calls_total{castellan_call_kind="tool",castellan_namespace="default",castellan_tool_server="unknown",castellan_policy_decision="Deny",castellan_call_state="Denied"}""",
            """castellan_call_duration_seconds_count{castellan_call_kind="tool",castellan_stage="effect"}""",
            """castellan_call_duration_seconds_count{castellan_call_kind="tool",castellan_stage="decide"}""",
            """gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="castellan.runbook",gen_ai_request_model="book" """.TrimEnd(),
            """mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",castellan_namespace="default",castellan_tool_server="ops",gen_ai_tool_name="read"}""",
            """mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call" """.TrimEnd(),
            """castellan_workflow_activity_duration_seconds_count{castellan_activity_name="CallEffect"}""",
            """workqueue_adds_total{name="toolserver"}""",
            """controller_runtime_reconcile_total{controller="toolserver",result=""" ,
            "castellan_runs_open ", "castellan_audit_size ", "castellan_approvals_waiting ",
        })
        {
            Assert.Contains($"\n{expected}", text, StringComparison.Ordinal);
        }

        foreach (var secret in new[] { "hush", run.RunId, run.SessionId, "\"you\"" })
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        await Promtool.CheckMetricsAsync(text);
    }
}
