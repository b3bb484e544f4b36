using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.Workloads;
using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;

namespace Castellan.EvilAgent;

/// <summary>What an attacker has who took over the program of an agent's pod.</summary>
internal sealed class Foothold(AttackOrder order, GatewayClient gateway, IX509Source identity, DaprWorkflowClient hub) : IDisposable
{
    private static readonly SpiffeId s_gateway = SpiffeId.Parse(Environment.GetEnvironmentVariable(WorkloadEnvironment.GatewayId)!);

    public RunInput Run => order.Run;

    public CallResult? Ended => order.Ended;

    public GatewayClient Gateway => gateway;

    public IX509Source Identity => identity;

    public DaprWorkflowClient Hub => hub;

    /// <summary>The gateway's workload listener, over the pod's own SVID.</summary>
    public HttpClient Http { get; } = new(SpiffeTls.CreateHandler(identity, SpiffeAuthorizer.Exactly(s_gateway)))
    {
        BaseAddress = new Uri(Environment.GetEnvironmentVariable(WorkloadEnvironment.Gateway)!),
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The gateway's listener for people, believed whatever certificate it shows: an attacker has no scruples.</summary>
    public static HttpClient Edge(string address) => new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator })
    {
        BaseAddress = new Uri(address),
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>A JWT-SVID of this agent, which it may well have, for a purpose it was not given for.</summary>
    public static async Task<string> TokenAsync(CancellationToken ct)
    {
        using var workloadApi = new WorkloadApiClient();
        return (await workloadApi.FetchJwtAsync(["castellan"], null, ct).ConfigureAwait(false))[0].Token;
    }

    public static CallRequest Tool(long sequence, string tool, JsonObject arguments) => new() { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall(tool, arguments) };

    /// <summary>Makes a call; it got through if it completed or waits for nobody.</summary>
    public async Task<Attempt> CallAsync(string tried, string runId, CallRequest request, CancellationToken ct)
    {
        try
        {
            var result = await gateway.CallAsync(runId, request, ct).ConfigureAwait(false);
            return new(tried, result.State is CallState.Completed or CallState.Running, Told(result));
        }
        catch (GatewayException e)
        {
            return new(tried, false, $"HTTP {e.Status}: {e.Message}");
        }
    }

    /// <summary>Sends a request as it is; it got through if it was answered with success.</summary>
    public static async Task<Attempt> SendAsync(string tried, HttpClient http, HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using var answer = await http.SendAsync(request, ct).ConfigureAwait(false);
            var body = await answer.Content.ReadAsStringAsync(ct).ConfigureAwait(false);
            return new(tried, answer.IsSuccessStatusCode, $"HTTP {(int)answer.StatusCode}{(DetailOf(body) is { } detail ? $": {detail}" : "")}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(tried, false, Innermost(e));
        }
    }

    public static HttpRequestMessage Post(string path, object body) => new(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType(), options: GatewayJson.Options) };

    public static string Told(CallResult result) => $"{result.State}{(result.Message is { Length: > 0 } message ? $": {message}" : result.Content?.Text is { Length: > 0 } text ? $": {text.Split('\n')[0]}" : "")}";

    public static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;

    public void Dispose() => Http.Dispose();

    private static string? DetailOf(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject problem ? (string?)problem["detail"] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
