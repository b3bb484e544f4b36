using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Mcp;

public sealed class McpEdgeTests : IAsyncLifetime
{
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task List_WhenToolsAreCertainToBeDenied_HidesThem()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        Assert.Equal(["ops__read", "ops__restart", "ops__scale"], (await client.ListToolsAsync()).Select(t => t.Name));
        await using var one = await _world.McpAsync("/mcp/servers/default/ops", "you");
        Assert.Equal(["read", "restart", "scale"], (await one.ListToolsAsync()).Select(t => t.Name));
        await using var stranger = await _world.McpAsync("/mcp", "stranger");
        Assert.Empty(await stranger.ListToolsAsync());
    }

    [Fact]
    public async Task Call_WhenAllowed_GoesOutInTheUsersName()
    {
        await using var client = await _world.McpAsync("/mcp", "you", "team");
        var result = await client.CallToolAsync("ops__read", new Dictionary<string, object?> { ["name"] = "web" });
        Assert.Equal("read done", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);
        var hit = Assert.Single(_world.Tools.Hits);
        Assert.Equal(("you", null), ((string)hit.Call["user"]!, hit.Call["agent"]));
        Assert.Contains("team", hit.Call["groups"]!.AsArray().Select(g => (string)g!));
    }

    [Fact]
    public async Task Call_WhenDenied_SaysWhyAndIsAudited()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        var result = await client.CallToolAsync("ops__remove", new Dictionary<string, object?> { ["name"] = "web" });
        Assert.True(result.IsError);
        Assert.Contains("'never'", Text(result), StringComparison.Ordinal);
        Assert.Empty(_world.Tools.Hits);
        Assert.Contains(await _world.You().ListAuditAsync(new AuditFilter(Limit: 1000), default), r => r is { Target: "remove", Decision: "Deny", Principal: "you" });
    }

    [Fact]
    public async Task Call_WhenItNeedsApproval_SaysHowAndIsJoinedByTheRetry()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        var arguments = new Dictionary<string, object?> { ["name"] = "web" };
        var first = await client.CallToolAsync("ops__restart", arguments);
        var second = await client.CallToolAsync("ops__restart", arguments);
        var approval = Assert.Single(await _world.Approver().ListApprovalsAsync(ApprovalState.Pending, default));
        Assert.True(first.IsError);
        Assert.Contains($"castellan approve {approval.CallId}", Text(first), StringComparison.Ordinal);
        Assert.Contains(approval.CallId, Text(second), StringComparison.Ordinal);

        await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        await Eventually.TrueAsync(() => !_world.Tools.Hits.IsEmpty);
        await EndedAsync(approval.CallId);
        Assert.Equal("restart done", Text(await client.CallToolAsync("ops__restart", arguments)));
        Assert.Single(_world.Tools.Hits);
        await client.CallToolAsync("ops__restart", arguments);
        Assert.Equal(2, (await _world.Approver().ListApprovalsAsync(null, default)).Count);
    }

    [Fact]
    public async Task Call_WhenTheClientListensToProgress_WaitsForTheApproval()
    {
        await using var client = await _world.McpAsync("/mcp", "you");
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var progress = new Progress<ProgressNotificationValue>(value => told.TrySetResult(value.Message ?? ""));
        var call = client.CallToolAsync("ops__restart", new Dictionary<string, object?> { ["name"] = "web" }, progress).AsTask();
        Assert.Contains("castellan approve", await told.Task.WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
        var approval = Assert.Single(await _world.Approver().ListApprovalsAsync(ApprovalState.Pending, default));
        await _world.Approver().DecideApprovalAsync(approval.CallId, _world.Sign(approval), default);
        Assert.Equal("restart done", Text(await call));
    }

    [Fact]
    public async Task Edge_WhenTheTokenIsMissingOrUnknown_Answers401()
    {
        using var http = _world.Http("you");
        foreach (var path in new[] { "/mcp", "/v1/runs", "/v1/audit", "/v1/approvals" })
        {
            using var request = new HttpRequestMessage(path == "/mcp" ? HttpMethod.Post : HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", "nobody");
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await http.SendAsync(request)).StatusCode);
        }
    }

    private async Task EndedAsync(string callId)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await _world.You().GetAuditAsync(callId, deadline.Token)).Any(r => r.Stage == "completed"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    private static string Text(CallToolResult result) => string.Join('\n', result.Content.OfType<TextContentBlock>().Select(c => c.Text));
}
