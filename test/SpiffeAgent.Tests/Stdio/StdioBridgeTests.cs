using Castellan.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.SpiffeAgent.Tests.Stdio;

/// <summary>A shell script that speaks MCP on standard input and output, served by the real proxy to a real MCP client.</summary>
public sealed class StdioBridgeTests
{
    /// <summary>Answers initialize, tools/list and tools/call by line; knows the tools <c>env</c>, <c>fail</c> and <c>exit</c>.</summary>
    private const string Script = """
        id() { printf '%s' "$1" | sed -n 's/.*"id":\("[^"]*"\|[0-9]*\).*/\1/p'; }
        while IFS= read -r line; do
          case "$line" in
            *'"method":"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"script","version":"1"}}}\n' "$(id "$line")" ;;
            *'"method":"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"env","description":"d","inputSchema":{"type":"object"}}]}}\n' "$(id "$line")" ;;
            *'"name":"exit"'*) exit 7 ;;
            *'"name":"fail"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"no such thing"}}\n' "$(id "$line")" ;;
            *'"method":"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\n' "$(id "$line")" "socket=${SPIFFE_ENDPOINT_SOCKET:-none}" ;;
            *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown"}}\n' "$(id "$line")" ;;
          esac
        done
        """;

    [Fact]
    public async Task Call_WhenCommandSpeaksMcp_ReachesItThroughMutualTls()
    {
        await using var proxy = await TestProxy.StartAsync(null, "sh", "-c", Script);
        await proxy.WaitUntilReadyAsync();
        await using var client = await ConnectAsync(proxy);
        Assert.Equal("script", client.ServerInfo!.Name);
        Assert.Equal("env", (await client.ListToolsAsync()).Single().Name);
        var result = await client.CallToolAsync("env");
        Assert.Equal("socket=none", Assert.IsType<TextContentBlock>(result.Content.Single()).Text);
        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("fail"));
        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.Contains("no such thing", error.Message);
    }

    [Fact]
    public async Task Process_WhenCommandEnds_EndsWithItsExitCode()
    {
        await using var proxy = await TestProxy.StartAsync(null, "sh", "-c", Script);
        await proxy.WaitUntilReadyAsync();
        var stopping = new TaskCompletionSource();
        using var registration = proxy.App.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await using var client = await ConnectAsync(proxy);
        await Assert.ThrowsAnyAsync<Exception>(async () => await client.CallToolAsync("exit")); // no answer at all: the outcome is unknown
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(7, proxy.App.Services.GetRequiredService<ProcessExit>().Code);
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("echo hello; exit 4", 4)]
    public async Task Process_WhenCommandNeverSpeaksMcp_EndsWithItsExitCode(string script, int expected)
    {
        await using var proxy = await TestProxy.StartAsync(null, "sh", "-c", script);
        await StoppedAsync(proxy);
        Assert.Equal(expected, proxy.App.Services.GetRequiredService<ProcessExit>().Code);
    }

    [Fact]
    public async Task Process_WhenCommandDoesNotExist_EndsWithOne()
    {
        await using var proxy = await TestProxy.StartAsync(null, "/nonexistent/command");
        await StoppedAsync(proxy);
        Assert.Equal(1, proxy.App.Services.GetRequiredService<ProcessExit>().Code);
    }

    private static async Task StoppedAsync(TestProxy proxy)
    {
        var stopping = new TaskCompletionSource();
        using var registration = proxy.App.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopping.TrySetResult());
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static Task<McpClient> ConnectAsync(TestProxy proxy) => McpClient.CreateAsync(new HttpClientTransport(
        new() { Endpoint = new Uri(proxy.Mtls, "/mcp"), TransportMode = HttpTransportMode.StreamableHttp }, proxy.Client));
}
