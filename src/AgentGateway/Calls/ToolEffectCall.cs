using System.Text.Json.Nodes;
using Castellan.AgentGateway.Delegations;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Guards;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Requests;
using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Calls;

/// <summary>One MCP tools/call to a tool server, with the call's identity and on whose behalf it is.</summary>
internal sealed class ToolEffectCall(ToolRequests requests, ClusterCatalog cluster, GatewayOptions options, TimeProvider clock)
{
    private const string OutcomeKey = "castellan.dev/outcome";
    private const int MostQuestions = 20;
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(500);

    internal async Task<AttemptOutcome> RunAsync(CallSpec spec, int attempt, CancellationToken ct)
    {
        var tool = spec.Tool!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(options.ToolCallTimeoutSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            var content = await ObligedHeaders.SendAsync(spec.Decision.Obligations?.Headers, () => requests.SendAsync(spec, Delegation(spec, attempt), either.Token));
            return AttemptOutcome.Of(ResultObligations.Complete(spec, content));
        }
        catch (ToolUnreachableException e)
        {
            return AttemptOutcome.Unsent(e.Message);
        }
        catch (Exception e) when (e is DelegationFailedException or ToolRefusedException)
        {
            return AttemptOutcome.Of(CallTexts.Ended(spec, CallState.Failed, $"{CallTexts.Name(spec)} was not sent: {e.Message}") with { Unspent = attempt == 1 });
        }
        catch (Exception e) when (e is McpException or ServerErrorException)
        {
            var checks = spec.Decision.Obligations?.InspectResult;
            var refused = CallTexts.Ended(spec, CallState.Failed, $"tool server {tool.Server} refused the request: {InspectedResult.Message(checks, e.Message)}");
            return AttemptOutcome.Of(refused with { Error = ToolReading.Error(e) is { } error ? InspectedResult.Error(checks, error) : null });
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return AttemptOutcome.BrokenOff($"no answer within {options.ToolCallTimeoutSeconds} s");
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or System.Text.Json.JsonException)
        {
            return AttemptOutcome.BrokenOff(e.Message);
        }
    }

    /// <summary>Asks a built-in server what became of a call, without executing anything; null if it does not know.</summary>
    internal async Task<ToolContent?> AskAsync(CallSpec spec, int attempt, CancellationToken ct)
    {
        if (cluster.ToolServers.Find(ServerOf(spec))?.Spec.BuiltIn is null)
        {
            return null;
        }

        var question = Delegation(spec, attempt);
        question["query"] = true;
        for (var i = 0; i < MostQuestions; i++)
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
            try
            {
                var answer = await requests.AskAsync(spec, question.DeepClone().AsObject(), either.Token);
                switch (answer.Meta?[OutcomeKey]?.GetValue<string>())
                {
                    case "completed":
                        return ToolReading.Content(answer);
                    case "running":
                        break;
                    default:
                        return null;
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is ToolUnreachableException or HttpRequestException or IOException or OperationCanceledException)
            {
                // It may be restarting; ask again for a while.
            }
            catch (Exception e) when (e is McpException or ServerErrorException or DelegationFailedException)
            {
                return null;
            }

            await Task.Delay(BetweenQuestions, clock, ct);
        }

        return null;
    }

    private static NamespacedName ServerOf(CallSpec spec) => new(spec.Namespace, spec.Tool!.Server);

    private JsonObject Delegation(CallSpec spec, int attempt)
    {
        var call = new JsonObject { ["callId"] = spec.CallId, ["attempt"] = attempt };
        if (cluster.ToolServers.Find(ServerOf(spec))?.Spec.Remote is not null)
        {
            return call; // who calls, and for whom, is not for somebody else's server to know
        }

        if (spec.Run is { } run)
        {
            call["runId"] = run.RunId;
        }

        var who = spec.Principal;
        if (who.Kind == PrincipalKind.Agent)
        {
            call["agent"] = new JsonObject { ["namespace"] = who.Namespace, ["name"] = who.Agent, ["serviceAccount"] = who.ServiceAccount };
            return call;
        }

        call["user"] = who.Name;
        call["groups"] = JsonNode.Parse(Json.Write(who.Groups));
        return call;
    }
}
