using System.Text.Json.Nodes;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Tests.World;
using Castellan.CallLatency;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging.Abstractions;

// What the durable call adds to a direct MCP call: the same tool server, the same mutual TLS, the same client library. [seconds per figure]
var seconds = args is [var text] ? double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 5;
await using var world = await GatewayWorld.StartAsync();
var arguments = new JsonObject { ["name"] = "web" };

await using var identity = new AuthorityX509Source(world.Authority, GatewayWorld.GatewayId);
var server = new NamespacedName("default", "ops");
await using var link = new ToolServerLink(server, ToolServerLink.HandlerFor(identity, GatewayWorld.Domain, server),
    () => new Uri($"https://{world.Tools.Address}:{world.Tools.Port}/mcp"), _ => { }, NullLoggerFactory.Instance);
var run = (await world.You().StartRunAsync("default", "triage", new StartRunRequest("bench"), default)).RunId;
var agent = world.Agent();
var sequence = 0L;

Func<Task> direct = () => link.CallAsync("read", arguments, new JsonObject { ["callId"] = "bench", ["attempt"] = 1 }, default);
Func<Task> durable = () => CallAsync("read");
Func<Task> write = () => CallAsync("restart");

await using var mcp = await world.McpAsync("/mcp", "you");
Func<Task> user = () => mcp.CallToolAsync("ops__read", new Dictionary<string, object?> { ["name"] = "web" }).AsTask();

await Load.WarmUpAsync(direct, durable, user);
Console.WriteLine("| calls | clients | calls/s | p50 ms | p99 ms | CPU µs/call, client and tool server included |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
foreach (var clients in new[] { 1, 16 })
{
    Console.WriteLine(await Load.RunAsync("direct MCP over mTLS", direct, clients, seconds));
    Console.WriteLine(await Load.RunAsync("durable call of an agent (read)", durable, clients, seconds));
    Console.WriteLine(await Load.RunAsync("durable call of an agent (write)", write, clients, seconds));
    Console.WriteLine(await Load.RunAsync("durable call of an MCP user", user, clients, seconds));
}

var verified = await world.You().VerifyAuditAsync(null, default);
Console.WriteLine($"audit: {verified.Records} records, {(verified.Ok ? "verified" : verified.Problem)}");
return verified.Ok ? 0 : 1;

async Task CallAsync(string tool)
{
    var request = new CallRequest { Sequence = Interlocked.Increment(ref sequence), Kind = CallKind.Tool, Tool = new ToolCall($"ops__{tool}", new JsonObject { ["name"] = "free" }) };
    var result = await agent.CallAsync(run, request, default);
    if (result.State != CallState.Completed)
    {
        throw new InvalidOperationException($"the call is {result.State}: {result.Message}");
    }
}
