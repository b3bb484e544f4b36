using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Tests.Calls;
using Castellan.AgentGateway.Tests.World;
using Castellan.AgentRuntime.Hosting;
using Castellan.GatewayApi;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Tests.Runs;

/// <summary>
/// A gateway on Dapr and pods of its agents. <c>castellan workflows serve</c> stands in for their daprds: the same protocol, and each has a
/// token of its own that leads to a hub of its own.
/// </summary>
public sealed class DaprRunWorld : IAsyncLifetime
{
    internal SeparateSidecar Sidecar { get; private set; } = null!;

    internal GatewayWorld World { get; private set; } = null!;

    /// <summary>What agent <c>triage</c> has in its pod.</summary>
    internal TaskHubEndpoint Daprd { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Sidecar = await SeparateSidecar.StartAsync();
        Daprd = Sidecar.NextHub();
        World = await GatewayWorld.StartAsync(withGateway: false, Sidecar.NextHub());
        await Manifests.ApplyAsync(World.Cluster.Admin, """
            apiVersion: castellan.dev/v1alpha1
            kind: ModelConfig
            metadata: {name: book, namespace: default}
            spec:
              provider: Runbook
              model: book
              runbook:
                procedures:
                  - name: fix
                    when: input.matches('fix')
                    steps:
                      - {name: pods, tool: ops__read, arguments: {name: web}}
                      - {name: change, tool: ops__restart, arguments: {name: web}}
                    findings: [{text: "fixed"}]
                  - name: look
                    when: input.matches('why')
                    steps: [{name: pods, tool: ops__read, arguments: {name: web}}]
                    findings: [{text: "seen"}]
            ---
            apiVersion: castellan.dev/v1alpha1
            kind: Agent
            metadata: {name: other, namespace: default}
            spec: {instructions: Look., model: {name: book}}
            """);
        await World.StartGatewayAsync();
    }

    public async Task DisposeAsync()
    {
        await World.DisposeAsync();
        await Sidecar.DisposeAsync();
    }

    /// <summary>From now on a tool call takes effect and then waits; those of earlier tests do not count as arrived.</summary>
    internal void HoldTools()
    {
        while (World.Tools.Behavior.Arrived.Wait(0))
        {
        }

        World.Tools.Behavior.Hold();
    }

    internal async Task<string> StartAsync(string message, string agent = "triage") =>
        (await World.You().StartRunAsync("default", agent, new StartRunRequest(message), default)).RunId;

    /// <summary>All events of a run until it ended.</summary>
    internal async Task<List<RunEvent>> EventsAsync(string runId)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var events = new List<RunEvent>();
        await foreach (var item in World.You().RunEventsAsync(runId, 0, deadline.Token))
        {
            events.Add(item);
        }

        return events;
    }

    internal async Task<(RunState, string?)> EndAsync(string runId)
    {
        await EventsAsync(runId);
        var run = await World.You().GetRunAsync(runId, default);
        return (run.State, run.Answer);
    }

    /// <summary>The process of agent <c>triage</c>'s pod, in this process.</summary>
    internal async Task<Pod> PodAsync(TaskHubEndpoint? daprd = null)
    {
        var environment = new AgentEnvironment("triage", IPAddress.Loopback, World.Workload, GatewayWorld.GatewayId) { Backend = WorkflowBackend.Dapr };
        var app = AgentHost.Build(environment, World.AgentIdentity(), (0, 0), daprd ?? Daprd);
        await app.StartAsync();
        return new Pod(app);
    }

    internal sealed class Pod(WebApplication app) : IAsyncDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(a => a.StartsWith("http:", StringComparison.Ordinal))) };

        /// <summary>What the kubelet is told when it asks whether the pod is ready.</summary>
        internal Task<string> ReadinessAsync() => SayAsync("/readyz");

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }

        private async Task<string> SayAsync(string path)
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return await response.Content.ReadAsStringAsync();
        }
    }
}
