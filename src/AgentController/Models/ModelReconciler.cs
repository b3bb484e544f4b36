using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.Models.Runbooks;

namespace Castellan.AgentController.Models;

/// <summary>Says of a ModelConfig whether it can be called.</summary>
internal sealed class ModelReconciler(KubeConnection kube, ControllerCaches caches, StatusWriter status) : IReconciler<ModelConfig>
{
    // Secrets are read one by one and not watched: the controller shall not hold every secret of the cluster in its memory.
    private static readonly TimeSpan LookForMissing = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookForLost = TimeSpan.FromMinutes(10);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (caches.Models.Find(key) is not { Metadata.DeletionTimestamp: null } model)
        {
            return ReconcileResult.Done;
        }
        var seen = new ModelObservation(model, await KeyOfAsync(model, ct), RunbookFaults(model.Spec.Runbook));
        var plan = ModelPlan.From(seen);
        await status.WriteAsync(model, model.Status?.Conditions, plan.Ready, [], ct);
        return !plan.LooksAgain ? ReconcileResult.Done : ReconcileResult.After(seen.Key == ApiKeyState.Present ? LookForLost : LookForMissing);
    }

    private static IReadOnlyList<string> RunbookFaults(Runbook? runbook)
    {
        if (runbook is null)
        {
            return [];
        }
        RunbookProgram.Compile(runbook, out var faults);
        return [.. faults.Select(f => f.ToString())];
    }

    private async Task<ApiKeyState> KeyOfAsync(ModelConfig model, CancellationToken ct)
    {
        if (model.Spec.ApiKey is not { } wanted)
        {
            return ApiKeyState.NotNamed;
        }
        try
        {
            var secret = await kube.FindAsync<Secret>(new NamespacedName(model.Metadata.Namespace!, wanted.Name), ct);
            return secret switch
            {
                null => ApiKeyState.SecretMissing,
                { Data: { } data } when data.TryGetValue(wanted.Key, out var value) && value.Length > 0 => ApiKeyState.Present,
                _ => ApiKeyState.KeyMissing,
            };
        }
        catch (KubeException e) when (e.IsForbidden)
        {
            return ApiKeyState.Forbidden;
        }
    }
}
