using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Metering;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.Models;
using Microsoft.Extensions.AI;

namespace Castellan.AgentGateway.Calls;

/// <summary>One turn of a model, with the gateway's credentials.</summary>
internal sealed class ModelEffectCall(ModelClients models, ClusterCatalog cluster, GatewayOptions options, TimeProvider clock)
{
    internal async Task<AttemptOutcome> RunAsync(CallSpec spec, CancellationToken ct)
    {
        var call = spec.Model!;
        if (cluster.Models.Find(new NamespacedName(spec.Namespace, spec.ModelName!)) is not { } config)
        {
            return Failed(spec, $"ModelConfig {spec.Namespace}/{spec.ModelName} does not exist; create it or change the agent's model", unspent: true);
        }

        if (config.Spec.Region != spec.ModelRegion)
        {
            return AttemptOutcome.Of(CallTexts.Ended(spec, CallState.Denied, $"{CallTexts.Name(spec)} is denied: its region is now '{config.Spec.Region}', policy decided for '{spec.ModelRegion}'; ask again"));
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(options.ModelCallTimeoutSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            ModelSpans.Describe(config.Spec);
            var client = models.Create(config);
            var response = await ModelMetrics.MeasureAsync(config.Spec, () => client.GetResponseAsync(call.Messages, new ChatOptions { MaxOutputTokens = spec.Charge?.MaxOutputTokens, Tools = [.. (call.Tools ?? []).Select(tool => tool.ToDeclaration())] }, either.Token));
            return AttemptOutcome.Of(CallTexts.Completed(spec, response: response));
        }
        catch (ModelException e)
        {
            return e.Retryable ? AttemptOutcome.BrokenOff(e.Message) : Failed(spec, e.Message, unspent: true);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Failed(spec, $"model {spec.ModelName} gave no answer within {options.ModelCallTimeoutSeconds} s; set Gateway:{nameof(GatewayOptions.ModelCallTimeoutSeconds)} higher or use a faster model", unspent: false);
        }
    }

    private static AttemptOutcome Failed(CallSpec spec, string problem, bool unspent) => AttemptOutcome.Of(CallTexts.Ended(spec, CallState.Failed, problem) with { Unspent = unspent });
}
