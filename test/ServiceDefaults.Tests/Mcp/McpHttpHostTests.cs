using Castellan.ServiceDefaults.Mcp;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.ServiceDefaults.Tests.Mcp;

public sealed class McpHttpHostTests
{
    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    [InlineData(null)]
    public async Task Call_WhenClientSpeaksRevision_SeesItsOwnToolsAndCaller(string? revision)
    {
        await using var server = await McpTestServer.StartAsync();
        await using var client = await server.ConnectAsync("bob", revision: revision);

        var tools = await client.ListToolsAsync();
        var result = await client.CallToolAsync("whoami");

        Assert.Equal(["whoami", "where", "only_bob"], tools.Select(t => t.Name));
        Assert.Equal("bob", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text);
    }

    [Fact]
    public async Task Call_WhenRouteHasValues_ToolSeesThem()
    {
        await using var server = await McpTestServer.StartAsync();
        await using var client = await server.ConnectAsync(path: "/mcp/servers/default/cluster");

        await client.ListToolsAsync(); // from the schemas the client learns which arguments also go into headers
        var result = await client.CallToolAsync("where", new Dictionary<string, object?> { ["region"] = "eu" });

        Assert.Equal("default/cluster", ((TextContentBlock)result.Content[0]).Text);
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Connect_WhenCallerIsRefused_Fails(string revision)
    {
        await using var server = await McpTestServer.StartAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => server.ConnectAsync("mallory", revision: revision));

        Assert.Equal(0, server.Host.SessionCount);
    }

    [Fact]
    public async Task NotifyToolsChanged_WhenSessionHasStream_ClientHears()
    {
        await using var server = await McpTestServer.StartAsync();
        var heard = new TaskCompletionSource();
        await using var client = await server.ConnectAsync(revision: "2025-11-25", handlers: new()
        {
            NotificationHandlers =
            [
                new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                {
                    heard.TrySetResult();
                    return ValueTask.CompletedTask;
                }),
            ],
        });

        // The client opens its stream in the background; repeat until it is there.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!heard.Task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            await server.Host.NotifyToolsChangedAsync(CancellationToken.None);
            await Task.WhenAny(heard.Task, Task.Delay(20));
        }
    }

    [Fact]
    public async Task Sweep_WhenSessionIdles_ClosesIt()
    {
        var clock = new ManualClock();
        await using var server = await McpTestServer.StartAsync(o => o.IdleTimeout = TimeSpan.FromMinutes(5), clock);
        await server.OpenSessionAsync();
        Assert.Equal(1, server.Host.SessionCount);

        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1, server.Host.SessionCount);
        clock.Advance(TimeSpan.FromMinutes(2));

        await Eventually(() => server.Host.SessionCount == 0);
    }

    [Fact]
    public void Constructor_WhenOptionsAreWrong_NamesEveryFault()
    {
        var options = new McpHttpOptions { Authenticate = null!, MaxBodyBytes = 1, MaxSessions = 0 };

        var error = Assert.Throws<ArgumentException>(() => new McpHttpHost(new(), options, NullLoggerFactory.Instance, null, TimeProvider.System));

        Assert.Contains("Authenticate", error.Message);
        Assert.Contains("MaxBodyBytes is 1", error.Message);
        Assert.Contains("MaxSessions is 0", error.Message);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition()) await Task.Delay(10, limit.Token);
    }
}
