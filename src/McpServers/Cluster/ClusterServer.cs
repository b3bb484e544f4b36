using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;
using Castellan.McpServers.Calls;
using Castellan.McpServers.Tools;
using Castellan.ServiceDefaults.Mcp;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.McpServers.Cluster;

/// <summary>The Cluster server: Kubernetes tools that act only with power delegated to them, call by call.</summary>
/// <remarks>
/// The server's own account may do one thing: impersonate. Who may call at all is decided by the listener, which lets in the gateway alone;
/// for whom it calls is proven by the delegation token that comes with each call. A write with a call id that was seen before returns the first outcome. A
/// call with <c>query: true</c> executes nothing and answers what became of that call id in <c>_meta["castellan.dev/outcome"]</c>:
/// <c>completed</c> with the result, <c>running</c>, or <c>unknown</c>.
/// </remarks>
internal sealed class ClusterServer : IAsyncDisposable
{
    /// <summary>Key in a result's <c>_meta</c>.</summary>
    public const string OutcomeKey = "castellan.dev/outcome";

    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(60);

    private readonly KubeConnection _kube;
    private readonly KubeDiscovery _discovery;
    private readonly ClusterOptions _options;
    private readonly ILogger _log;
    private readonly CallOutcomes _outcomes = new();
    private readonly Dictionary<string, IClusterTool> _tools;
    private readonly List<Tool> _listed;

    /// <param name="kube">The API server, as this server's own account.</param>
    /// <param name="options">What may be touched.</param>
    /// <param name="log">Calls by id, tool and user; never arguments or results.</param>
    public ClusterServer(KubeConnection kube, ClusterOptions options, ILogger<ClusterServer> log)
    {
        (_kube, _discovery, _options, _log) = (kube, new KubeDiscovery(kube), options, log);
        var tools = ClusterTools.For(options);
        _tools = tools.ToDictionary(t => t.Spec.Name, StringComparer.Ordinal);
        _listed = [.. tools.Select(t => t.Spec.ToProtocol())];
    }

    /// <summary>The server as the MCP host takes it.</summary>
    public McpServerOptions ToServerOptions() => new()
    {
        ServerInfo = new() { Name = "castellan-cluster", Title = "Kubernetes cluster", Version = typeof(ClusterServer).Assembly.GetName().Version!.ToString(3) },
        ServerInstructions = "Tools for one Kubernetes cluster. Begin with list or describe; read logs with previous for containers that crash; check a change with rollout_status."
            + (_options.Namespaces.Count > 0 ? $" Namespaces: {string.Join(", ", _options.Namespaces)}." : "") + (_options.ReadOnly ? " Read-only." : ""),
        Capabilities = new() { Tools = new() },
        Handlers = new()
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = _listed }),
            CallToolHandler = async (request, ct) => await CallAsync(request.Params!, McpCallContext.Find(request)?.Caller as DelegatedAuthority, ct).ConfigureAwait(false),
        },
    };

    /// <summary>The definition of a tool; <see langword="null"/> when there is none.</summary>
    public Tool? Find(string name) => _listed.Find(t => t.Name == name);

    /// <summary>Answers a call.</summary>
    /// <param name="request">Tool, arguments and what the gateway says of the call.</param>
    /// <param name="proven">What the call's token proves; null when it brought none.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<CallToolResult> CallAsync(CallToolRequestParams request, DelegatedAuthority? proven, CancellationToken ct)
    {
        try
        {
            if (!_tools.TryGetValue(request.Name, out var tool)) throw new ToolProblem($"there is no tool '{request.Name}'", $"there are {string.Join(", ", _tools.Keys)}");
            var delegation = Delegation.Of(request.Meta, proven, _options.TrustsGateway);
            if (delegation.IsQuery) return await QueryAsync(delegation, ct).ConfigureAwait(false);
            _log.Called(delegation.CallId, delegation.Attempt, tool.Spec.Name, delegation.User);
            if (tool.Spec.Effect == ToolEffect.Read) return await RunAsync(tool, request, delegation, ct).ConfigureAwait(false);
            var digest = CallOutcomes.DigestOf(delegation.User, tool.Spec.Name, JsonSerializer.Serialize(request.Arguments));
            return await _outcomes.OnceAsync(delegation.CallId, digest, () => WriteAsync(tool, request, delegation), ct).ConfigureAwait(false);
        }
        catch (ToolProblem e)
        {
            return Failed(e.Message);
        }
    }

    public ValueTask DisposeAsync() => _outcomes.DisposeAsync();

    private async Task<CallToolResult> WriteAsync(IClusterTool tool, CallToolRequestParams request, Delegation delegation)
    {
        using var limit = new CancellationTokenSource(LongestWrite, _kube.Time);
        try
        {
            return await RunAsync(tool, request, delegation, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubeUnreachableException or OperationCanceledException)
        {
            _log.Refused(delegation.CallId, tool.Spec.Name, delegation.User, e.Message);
            return Outcome("unknown", $"the API server did not answer ({e.Message}), so the change may have been made or not; do not repeat it, look with get or describe what the state is now");
        }
    }

    private async Task<CallToolResult> RunAsync(IClusterTool tool, CallToolRequestParams request, Delegation delegation, CancellationToken ct)
    {
        try
        {
            var arguments = ToolArguments.Check(tool.Spec.Input, request.Arguments);
            var call = new ClusterCall(arguments, _kube.Impersonate(delegation.User, delegation.Groups), _discovery, _options);
            var answer = await tool.RunAsync(call, ct).ConfigureAwait(false);
            return new()
            {
                Content = [new TextContentBlock { Text = answer.Text }],
                StructuredContent = JsonSerializer.SerializeToElement(answer.Data),
                Meta = new JsonObject { [OutcomeKey] = "completed" },
            };
        }
        catch (ToolProblem e)
        {
            return Failed(e.Message);
        }
        catch (Exception e) when (e is KubeException || (e is KubeUnreachableException && tool.Spec.Effect == ToolEffect.Read))
        {
            _log.Refused(delegation.CallId, tool.Spec.Name, delegation.User, e.Message);
            return Failed(KubeFailure.Of(e, delegation.User).Message);
        }
    }

    private async Task<CallToolResult> QueryAsync(Delegation delegation, CancellationToken ct)
    {
        if (_outcomes.Find(delegation.CallId) is not { } outcome) return Outcome("unknown", $"call '{delegation.CallId}' is not known here");
        return outcome.IsCompleted ? await outcome.WaitAsync(ct).ConfigureAwait(false) : Outcome("running", $"call '{delegation.CallId}' still runs");
    }

    private static CallToolResult Outcome(string outcome, string text) =>
        new() { IsError = true, Content = [new TextContentBlock { Text = text }], Meta = new JsonObject { [OutcomeKey] = outcome } };

    private static CallToolResult Failed(string message) => Outcome("completed", message);
}
