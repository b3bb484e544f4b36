using System.Diagnostics;
using System.Text.Json.Nodes;
using Castellan.Testing;

namespace Castellan.EndToEnd.Tests;

/// <summary>The official MCP client uses the gateway as an IDE would.</summary>
public sealed class McpClientTests
{
    [Fact]
    public async Task OfficialClient_WhenItHasAToken_ListsAndCallsWhatPolicyAllows()
    {
        await using var system = await LocalSystem.StartAsync();
        await system.ApplyTriageAsync();

        var listed = await CallAsync(system, "cluster__list", new JsonObject { ["kind"] = "Pod", ["namespace"] = "shop" });
        var tools = listed["tools"]!.AsArray().Select(t => (string)t!).ToList();
        Assert.Contains("cluster__list", tools);
        Assert.DoesNotContain("cluster__set_env", tools); // certain to be denied, so not shown
        Assert.Contains("checkout", listed["result"]!.ToJsonString(), StringComparison.Ordinal);

        var denied = await CallAsync(system, "cluster__scale", new JsonObject { ["kind"] = "Deployment", ["name"] = "checkout", ["namespace"] = "shop", ["replicas"] = 0 });
        Assert.True((bool)denied["result"]!["isError"]!, denied.ToJsonString());
        var audit = await system.JsonAsync("audit", "list", "--limit", "50");
        Assert.Contains(audit.AsArray(), e => (string?)e!["target"] == "scale" && (string?)e["decision"] == "Deny");
    }

    [Fact]
    public async Task OfficialClient_WhenTheTokenIsWrong_IsRefused()
    {
        await using var system = await LocalSystem.StartAsync();
        var (exitCode, text) = await RunAsync(system, "not-a-token", "", "{}");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("401", text, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> CallAsync(LocalSystem system, string tool, JsonObject arguments)
    {
        var token = (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(system.State, "credentials", "you.json")))!["token"]!;
        var (exitCode, text) = await RunAsync(system, token, tool, arguments.ToJsonString());
        Assert.True(exitCode == 0, text);
        return JsonNode.Parse(text.Split('\n').Last(l => l.StartsWith('{')))!;
    }

    private static async Task<(int ExitCode, string Text)> RunAsync(LocalSystem system, string token, string tool, string arguments)
    {
        var authority = Path.Combine(system.State, "authority.pem");
        await File.WriteAllTextAsync(authority, (string)system.Daemon["certificateAuthority"]!);
        var start = new ProcessStartInfo("node", ["mcp-client.mjs", $"{(string)system.Daemon["gateway"]!}/mcp", tool, arguments])
        {
            WorkingDirectory = await NpmPackages.InstallAsync("EndToEnd.Tests"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CASTELLAN_TOKEN"] = token;
        start.Environment["NODE_EXTRA_CA_CERTS"] = authority;
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        return (node.ExitCode, await output + await errors);
    }
}
