using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Castellan.AgentRuntime.Hosting;
using Castellan.GatewayApi;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Identity;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentRuntime.Tests;

/// <summary>
/// The gateway's workload listener with mutual TLS, a real sidecar and hubs by SVID; what calls come to is a script. Beside it an
/// agent's process, attached as in a pod.
/// </summary>
public sealed class ScriptedGateway : IAsyncLifetime
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId s_gateway = SpiffeId.ForServiceAccount(s_domain, "castellan-system", "gateway");
    private static readonly SpiffeId s_agent = SpiffeId.ForServiceAccount(s_domain, "default", "agent-triage");
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-agent-").FullName;
    private readonly ConcurrentDictionary<string, ScriptedRun> _runs = new();
    private readonly List<Func<ValueTask>> _ends = [];
    private EmbeddedSidecar _sidecar = null!;

    public Uri Probes { get; private set; } = null!;

    /// <summary>Where the agent shows its card.</summary>
    public Uri Mtls { get; private set; } = null!;

    public Authority Authority { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var authority = Authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, CancellationToken.None);
        var store = await Store.OpenAsync(new() { Location = StoreLocation.Sqlite(Path.Combine(_folder, "store.db")), Migrations = [EmbeddedSidecar.Schema] }, CancellationToken.None);
        _sidecar = await EmbeddedSidecar.StartAsync(store, new(), CancellationToken.None);
        _ends.AddRange([store.DisposeAsync, _sidecar.DisposeAsync]);
        var address = await ListenAsync(new AuthorityX509Source(authority, s_gateway));
        await AttachAsync(address, new AuthorityX509Source(authority, s_agent));
    }

    /// <summary>Runs an orchestration as the gateway does, to its end.</summary>
    /// <param name="script">What a call comes to, from the request and how often it came; null for 503.</param>
    /// <param name="input">The run.</param>
    public async Task<(RunOutput Output, IReadOnlyList<CallRequest> Calls)> RunAsync(Func<CallRequest, int, CallResult?> script, RunInput? input = null)
    {
        input ??= Input();
        var run = _runs[input.RunId] = new(script, new());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var hub = _sidecar.Hub(s_agent.ToString());
        await hub.StartAsync(RunInput.Orchestration, input.RunId, JsonSerializer.SerializeToElement(input, GatewayJson.Options), null, limit.Token);
        var state = await hub.CreateClient().WaitForWorkflowCompletionAsync(input.RunId, cancellation: limit.Token);
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        return (state.ReadOutputAs<JsonElement>().Deserialize<RunOutput>(GatewayJson.Options)!, [.. run.Calls.OrderBy(c => c.Sequence)]);
    }

    public Task RaiseAsync(string runId, CallResult result) =>
        _sidecar.Hub(s_agent.ToString()).RaiseEventAsync(runId, CallResult.EventPrefix + result.CallId, JsonSerializer.SerializeToElement(result, GatewayJson.Options), null, CancellationToken.None);

    public static RunInput Input(int maxTurns = 10, int timeoutSeconds = 600, int maxParallelCalls = 2) => new()
    {
        RunId = "run-" + Guid.NewGuid().ToString("N")[..8], SessionId = "s", Agent = "triage", Namespace = "default", Revision = 1,
        Instructions = "You are an SRE.", Model = "triage", Limits = new(maxTurns, timeoutSeconds, maxParallelCalls), OnBehalfOf = "you",
        Tools = [new("cluster__list", "Lists.", JsonElement.Parse("""{"type":"object"}""")), new("cluster__scale", "Scales.", JsonElement.Parse("""{"type":"object"}"""))],
        History = [new(ChatRole.User, "earlier"), new(ChatRole.Assistant, "indeed")], Message = "why?",
    };

    public static CallResult Says(CallRequest request, string text) => Model(request, new TextContent(text));

    public static CallResult Asks(CallRequest request, params (string Id, string Tool)[] calls) =>
        Model(request, [.. calls.Select(c => new FunctionCallContent(c.Id, c.Tool, new Dictionary<string, object?> { ["kind"] = "pods" }))]);

    public static CallResult Ends(CallRequest request, CallState state, string? message = null, ToolContent? content = null) =>
        new() { CallId = $"call-{request.Sequence}", State = state, Message = message, Content = content, Rule = state == CallState.Denied ? "no-writes" : null };

    public static CallResult Returns(CallRequest request, string text, string? data = null) =>
        Ends(request, CallState.Completed, null, new ToolContent(text, data is null ? null : JsonElement.Parse(data)));

    /// <summary>The text that the model was told of a call.</summary>
    public static JsonElement ResultIn(CallRequest request, string callId) => Assert.IsType<JsonElement>(
        request.Model!.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single(r => r.CallId == callId).Result);

    public async Task DisposeAsync()
    {
        foreach (var end in Enumerable.Reverse(_ends)) await end();
        Directory.Delete(_folder, recursive: true);
    }

    private static CallResult Model(CallRequest request, params AIContent[] contents) => new()
    {
        CallId = $"call-{request.Sequence}", State = CallState.Completed, Response = new(new ChatMessage(ChatRole.Assistant, contents)) { FinishReason = ChatFinishReason.Stop },
    };

    private async Task<Uri> ListenAsync(IX509Source identity)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.AddWorkloadIdentity(identity).ListenMtls(IPAddress.Loopback, 0, SpiffeAuthorizer.InTrustDomain(s_domain));
        var app = builder.Build();
        _sidecar.MapGrpc(app, http => http.PeerSpiffeId()?.ToString());
        app.MapPost("/v1/runs/{runId}/calls", AnswerAsync);
        await app.StartAsync();
        _ends.AddRange([app.DisposeAsync, async () => await app.StopAsync()]);
        return AddressesOf(app).Single();
    }

    private async Task AttachAsync(Uri gateway, IX509Source identity)
    {
        var app = AgentHost.Build(new AgentEnvironment("triage", IPAddress.Loopback, gateway, s_gateway), identity, (0, 0));
        await app.StartAsync();
        _ends.AddRange([app.DisposeAsync, async () => await app.StopAsync()]);
        (Probes, Mtls) = (AddressesOf(app).Single(a => a.Scheme == "http"), AddressesOf(app).Single(a => a.Scheme == "https"));
    }

    private async Task AnswerAsync(HttpContext http, string runId)
    {
        var run = _runs[runId];
        var request = (await JsonSerializer.DeserializeAsync<CallRequest>(http.Request.Body, GatewayJson.Options, http.RequestAborted))!;
        run.Calls.Enqueue(request);
        CallResult? result;
        try
        {
            result = run.Script(request, run.Calls.Count(c => c.Sequence == request.Sequence));
        }
        catch (InvalidOperationException e)
        {
            http.Response.StatusCode = StatusCodes.Status409Conflict;
            await http.Response.WriteAsJsonAsync(new GatewayProblem(409, "Conflict", e.Message), GatewayJson.Options, GatewayProblem.ContentType, http.RequestAborted);
            return;
        }
        http.Response.StatusCode = result is null ? 503 : result.Ended ? 200 : 202;
        if (result is not null) await http.Response.WriteAsJsonAsync(result, GatewayJson.Options, http.RequestAborted);
    }

    private static IEnumerable<Uri> AddressesOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a));

    private sealed record ScriptedRun(Func<CallRequest, int, CallResult?> Script, ConcurrentQueue<CallRequest> Calls);
}
