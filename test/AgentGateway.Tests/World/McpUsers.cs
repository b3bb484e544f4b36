using ModelContextProtocol.Client;

namespace Castellan.AgentGateway.Tests.World;

/// <summary>An official MCP client at the gateway's edge.</summary>
internal static class McpUsers
{
    internal static Task<McpClient> McpAsync(this GatewayWorld world, string path, string user, params string[] groups) => world.McpAsync(path, new McpClientOptions(), user, groups);

    internal static Task<McpClient> McpAsync(this GatewayWorld world, string path, McpClientOptions options, string user, params string[] groups) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(world.Edge, path), TransportMode = HttpTransportMode.StreamableHttp }, world.Http(user, groups), ownsHttpClient: false),
        options);
}
