using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Federation;

/// <summary>Writes into the status of a FederatedTrustDomain what became of the last fetch and what is in force.</summary>
internal sealed class FederationStatus(KubeConnection kube)
{
    private const string Manager = "castellan-spiffe-server";

    /// <summary>Reports a fetch that brought the bundle in force.</summary>
    public Task FetchedAsync(FederatedTrustDomain subject, TrustBundle bundle, TimeSpan refresh, CancellationToken ct) => WriteAsync(
        subject,
        Verdict.Yes("Fetched", $"the bundle of {bundle.TrustDomain} is in force"),
        Verdict.No("Fresh", "the bundle in force is the newest"),
        Fields(bundle, kube.Time.GetUtcNow().UtcDateTime, refresh), ct);

    /// <summary>Reports a fetch that brought none.</summary>
    /// <param name="subject">The resource.</param>
    /// <param name="why">What went wrong.</param>
    /// <param name="held">What stays in force; null when nothing is.</param>
    /// <param name="refresh">When it is tried again.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task FailedAsync(FederatedTrustDomain subject, FederationRefusedException why, TrustBundle? held, TimeSpan refresh, CancellationToken ct)
    {
        var fetchedAt = subject.Status?.FetchedAt;
        var since = fetchedAt is { } at ? $" of {at:O}" : "";
        return WriteAsync(
            subject,
            Verdict.No(why.Reason, why.Message),
            held is null
                ? Verdict.No("NothingHeld", $"no bundle of {subject.Spec.TrustDomain} is in force: its identities are refused")
                : Verdict.Yes(why.Reason, $"the bundle{since} stays in force: {why.Message}"),
            held is null ? [] : Fields(held, fetchedAt, refresh), ct);
    }

    private static JsonObject Fields(TrustBundle bundle, DateTime? fetchedAt, TimeSpan refresh)
    {
        var fields = new JsonObject
        {
            ["keys"] = bundle.X509Authorities.Count + bundle.JwtAuthorities.Count,
            ["refreshSeconds"] = (int)refresh.TotalSeconds,
        };
        if (bundle.Sequence is { } sequence)
        {
            fields["sequence"] = sequence;
        }

        if (fetchedAt is { } at)
        {
            fields["fetchedAt"] = JsonSerializer.SerializeToNode(new DateTime(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc), KubeJson.Options);
        }

        return fields;
    }

    private async Task WriteAsync(FederatedTrustDomain subject, Verdict ready, Verdict stale, JsonObject fields, CancellationToken ct)
    {
        var (last, now) = (subject.Status?.Conditions, kube.Time.GetUtcNow());
        fields["observedGeneration"] = subject.Metadata.Generation;
        fields["conditions"] = new JsonArray(
            Node(Conditions.Next(last, ApiGroup.ReadyCondition, ready, subject.Metadata.Generation, now)),
            Node(Conditions.Next(last, ApiGroup.StaleCondition, stale, subject.Metadata.Generation, now)));
        var body = new JsonObject
        {
            ["apiVersion"] = subject.ApiVersion,
            ["kind"] = subject.Kind,
            ["metadata"] = new JsonObject { ["name"] = subject.Metadata.Name },
            ["status"] = fields,
        };
        try
        {
            await kube.ApplyStatusAsync(KubeResource.Of<FederatedTrustDomain>(), body, Manager, force: true, ct).ConfigureAwait(false);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return; // deleted meanwhile: nobody is left to tell
        }
    }

    private static JsonNode? Node(Condition condition) => JsonSerializer.SerializeToNode(condition, KubeJson.Options);
}
