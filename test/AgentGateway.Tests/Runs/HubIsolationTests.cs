using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Tests.Runs;

/// <summary>The hub of the call orchestrations decides over every call: no socket leads to it, whoever asks and whatever they send along.</summary>
public sealed class HubIsolationTests : IAsyncLifetime
{
    private const int Unauthenticated = 16;
    private GatewayWorld _world = null!;

    public async Task InitializeAsync() => _world = await GatewayWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task GatewayHub_WhenAskedForOverAnySocket_CannotBeReached()
    {
        var callId = await CallAsync();
        var hub = _world.Gateway.Services.GetRequiredService<EmbeddedSidecar>().Hub(GatewaySidecar.HubName);
        Assert.True((await hub.CreateClient().GetWorkflowStateAsync(callId)).Exists);

        var agent = Http(SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", "agent-triage"));
        foreach (var (name, value) in new[] { ("x", "x"), ("dapr-api-token", GatewaySidecar.HubName), ("dapr-app-id", GatewaySidecar.HubName) })
        {
            var (status, message) = await AskAsync(agent, _world.Workload, "GetInstance", callId, (name, value));
            Assert.Equal((0, 0), (status, message.Length)); // an empty answer: there is none such
            (_, message) = await AskAsync(agent, _world.Workload, "ListInstanceIDs", "", (name, value));
            Assert.DoesNotContain(callId, Encoding.UTF8.GetString(message));
        }

        // Not even the gateway's own identity, a tool server's or one that is named like the hub has it.
        foreach (var account in new[] { ("castellan-system", "gateway"), ("default", "tools-ops"), ("gateway", "gateway") })
        {
            var other = Http(SpiffeId.ForServiceAccount(GatewayWorld.Domain, account.Item1, account.Item2));
            Assert.Equal(Unauthenticated, (await AskAsync(other, _world.Workload, "GetInstance", callId)).Status);
        }

        var edge = _world.Http("you", "castellan:viewers", "castellan:operators");
        using var refused = await edge.SendAsync(Request(_world.Edge, "GetInstance", callId));
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.True((await hub.CreateClient().GetWorkflowStateAsync(callId)).IsWorkflowCompleted);
    }

    private async Task<string> CallAsync()
    {
        var run = await _world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default);
        var request = new CallRequest { Sequence = 1, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["name"] = "web" }) };
        return (await _world.Agent().CallAsync(run.RunId, request, default)).CallId;
    }

    private HttpClient Http(SpiffeId id) => new(SpiffeTls.CreateHandler(new AuthorityX509Source(_world.Authority, id), SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId)));

    private static async Task<(int Status, byte[] Message)> AskAsync(HttpClient http, Uri address, string method, string instance, params (string Name, string Value)[] headers)
    {
        using var request = Request(address, method, instance);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var values = response.TrailingHeaders.TryGetValues("grpc-status", out var trailers) ? trailers : response.Headers.GetValues("grpc-status");
        return (int.Parse(values.Single()), body.Length > 5 ? body[5..] : []);
    }

    // gRPC by hand: a frame header, and a message whose first field is a string.
    private static HttpRequestMessage Request(Uri address, string method, string instance)
    {
        byte[] message = instance.Length == 0 ? [] : [0x0A, (byte)instance.Length, .. Encoding.UTF8.GetBytes(instance)];
        var content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new(HttpMethod.Post, new Uri(address, $"/TaskHubSidecarService/{method}")) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }
}
