using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.Policy;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Budgets;

/// <summary>
/// Writes how budgets stand into their status, at once when they change and every quarter of a minute, and removes purses of windows long past.
/// Replicas write the same, so whoever is first is enough.
/// </summary>
internal sealed partial class BudgetReports(ClusterCatalog cluster, BudgetsInForce budgets, PurseLedger purses, KubeConnection kube, ILogger<BudgetReports> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromHours(1);

    internal async Task RunAsync(CancellationToken ct)
    {
        var nextPrune = kube.Time.GetUtcNow();
        while (!ct.IsCancellationRequested)
        {
            var changed = budgets.NextChangeAsync();
            try
            {
                await ReportAsync(ct);
                if (kube.Time.GetUtcNow() >= nextPrune)
                {
                    await purses.PruneAsync(ct);
                    nextPrune = kube.Time.GetUtcNow() + PrunePeriod;
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Failed(log, error);
            }

            await changed.WaitAsync(Period, kube.Time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(CancellationToken ct)
    {
        foreach (var budget in cluster.Budgets.Items)
        {
            await ReportAsync(budget, Budget.Of(budget), budget.Status, ct);
        }

        foreach (var budget in cluster.ClusterBudgets.Items)
        {
            await ReportAsync(budget, Budget.Of(budget), budget.Status, ct);
        }
    }

    private async Task ReportAsync(KubeObject subject, Budget budget, AgentBudgetStatus? last, CancellationToken ct)
    {
        var now = BudgetReport.Of(budget, last, subject.Metadata.Generation, await purses.RecentAsync(budget.Key, ct), kube.Time.GetUtcNow());
        var status = JsonSerializer.SerializeToNode(now, KubeJson.Options)!;
        if (JsonNode.DeepEquals(status, JsonSerializer.SerializeToNode(last, KubeJson.Options)))
        {
            return;
        }

        var applied = new JsonObject
        {
            ["apiVersion"] = subject.ApiVersion,
            ["kind"] = subject.Kind,
            ["metadata"] = new JsonObject { ["name"] = subject.Metadata.Name, ["namespace"] = subject.Metadata.Namespace },
            ["status"] = status,
        };
        try
        {
            await kube.ApplyStatusAsync(KubeResource.Of(subject.GetType()), applied, ApiGroup.GatewayFieldManager, force: true, ct);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            // Deleted meanwhile: nobody is left to tell.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "How budgets stand cannot be reported; trying again")]
    private static partial void Failed(ILogger log, Exception error);
}
