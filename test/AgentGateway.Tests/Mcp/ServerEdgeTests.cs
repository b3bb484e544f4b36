using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Mcp;

/// <summary>The endpoint of one tool server: what it carries besides tools, and what policy says about that.</summary>
public sealed class ServerEdgeTests : IAsyncLifetime
{
    private const string Path = "/mcp/servers/default/ops";
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task List_WhenPolicyDeniesAResource_HidesIt()
    {
        await using var client = await _world.McpAsync(Path, "you");
        Assert.Equal([TestToolServerBehavior.Manual], (await client.ListResourcesAsync()).Select(r => r.Uri));
        Assert.Empty(await client.ListPromptsAsync()); // a server without prompts
        await using var stranger = await _world.McpAsync(Path, "stranger");
        Assert.Empty(await stranger.ListResourcesAsync());
    }

    [Fact]
    public async Task Read_WhenAllowed_GoesOutInTheUsersNameAndIsAudited()
    {
        await using var client = await _world.McpAsync(Path, "you");
        var read = await client.ReadResourceAsync(TestToolServerBehavior.Manual);
        Assert.Equal("read me", Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text);
        var hit = Assert.Single(_world.Tools.Hits);
        Assert.Equal("you", (string)hit.Call["user"]!);
        var records = await _world.You().GetAuditAsync((string)hit.Call["callId"]!, default);
        Assert.Equal(["decided", "intent", "completed"], records.Select(r => r.Stage));
        Assert.All(records, r => Assert.Equal("resources/read", r.Target));
    }

    [Theory]
    [InlineData("you", TestToolServerBehavior.Ledger)]
    [InlineData("stranger", TestToolServerBehavior.Manual)]
    public async Task Read_WhenPolicyDenies_IsRefusedAndAudited(string user, string uri)
    {
        await using var client = await _world.McpAsync(Path, user);
        var refusal = await Assert.ThrowsAsync<McpProtocolException>(() => client.ReadResourceAsync(uri).AsTask());
        Assert.Contains("denied", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Tools.Hits);
        Assert.Contains(await _world.You().ListAuditAsync(new AuditFilter(Limit: 1000), default), r => r is { Target: "resources/read", Decision: "Deny" } && r.Principal == user);
    }

    [Fact]
    public async Task Read_WhenTheServerHasNoSuchResource_PassesItsErrorOn()
    {
        await using var client = await _world.McpAsync(Path, "you");
        var refusal = await Assert.ThrowsAsync<McpProtocolException>(() => client.ReadResourceAsync("ops://nothing").AsTask());
        Assert.Contains("there is no ops://nothing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhenTheServerDoesNotExist_SaysSo()
    {
        await using var client = await _world.McpAsync("/mcp/servers/default/nobody", "you");
        var refusal = await Assert.ThrowsAsync<McpProtocolException>(() => client.ListResourcesAsync().AsTask());
        Assert.Contains("there is no tool server default/nobody", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Call_WhenTheToolAsks_TheCallersClientAnswersAndHearsProgress(string revision)
    {
        var asked = new List<string>();
        await using var client = await _world.McpAsync(Path, Answering(revision, "Ann", asked), "you");
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = await client.CallToolAsync("read", new Dictionary<string, object?> { ["ask"] = true }, new Progress<ProgressNotificationValue>(p => heard.TrySetResult(p.Message ?? "")));
        Assert.Equal("Ann", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);
        Assert.Equal(["Who?"], asked);
        Assert.Equal("asked", await heard.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(2, _world.Tools.Hits.Select(h => (string)h.Call["callId"]!).Distinct().Count()); // each round is a call of its own, decided and audited
    }

    [Fact]
    public async Task Call_WhenTheClientCannotBeAsked_TheServerLearnsIt()
    {
        await using var client = await _world.McpAsync(Path, "you");
        var refusal = await Assert.ThrowsAsync<McpProtocolException>(() => client.CallToolAsync("read", new Dictionary<string, object?> { ["ask"] = true }).AsTask());
        Assert.Contains("nobody can be asked", refusal.Message, StringComparison.Ordinal);
    }

    private static McpClientOptions Answering(string revision, string name, List<string> asked) => new()
    {
        ProtocolVersion = revision,
        Handlers = new McpClientHandlers
        {
            ElicitationHandler = (request, _) =>
            {
                asked.Add(request!.Message);
                return ValueTask.FromResult(new ElicitResult { Action = "accept", Content = new Dictionary<string, System.Text.Json.JsonElement> { ["name"] = System.Text.Json.JsonSerializer.SerializeToElement(name) } });
            },
        },
    };
}
