using System.Collections.Concurrent;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Informers;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Federation;

/// <summary>Keeps the bundle of each FederatedTrustDomain fresh: fetches when its spec changes and when its publisher's hint says, and keeps the last good one.</summary>
internal sealed partial class FederationReconciler(
    Informer<FederatedTrustDomain> resources, FederationSource source, FederationStatus status, FederationHoldings holdings, ILogger<FederationReconciler> logger)
    : IReconciler<FederatedTrustDomain>
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_unhinted = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        var resource = resources.Find(key);
        _attempts.TryGetValue(key.Name, out var last);
        if (last is not null && resource?.Spec.TrustDomain != last.TrustDomain)
        {
            Forget(key.Name, last.TrustDomain);
            last = null;
        }

        if (resource is not { Metadata.DeletionTimestamp: null })
        {
            return ReconcileResult.Done;
        }

        var wait = last is not null && last.Generation == resource.Metadata.Generation ? last.Next - holdings.Now : TimeSpan.Zero;
        return wait > TimeSpan.Zero // our own report wakes us too
            ? ReconcileResult.After(wait)
            : ReconcileResult.After(await FetchAsync(resource, ct).ConfigureAwait(false));
    }

    /// <summary>Forgets what was kept of trust domains that no resource names any more; called once the resources are known.</summary>
    public void ForgetUnnamed()
    {
        var named = resources.Items.Select(r => r.Spec.TrustDomain).ToHashSet(StringComparer.Ordinal);
        foreach (var bundle in holdings.All.Where(b => !named.Contains(b.TrustDomain.Name)))
        {
            holdings.Remove(bundle.TrustDomain);
            LogForgotten(logger, bundle.TrustDomain.Name);
        }
    }

    /// <summary>How often a bundle is fetched again: its hint within bounds; 5 minutes without one.</summary>
    internal static TimeSpan RefreshOf(TrustBundle? bundle) => bundle?.RefreshHint is { } hint
        ? hint < s_shortest ? s_shortest : hint > s_longest ? s_longest : hint
        : s_unhinted;

    private async Task<TimeSpan> FetchAsync(FederatedTrustDomain resource, CancellationToken ct)
    {
        TrustBundle? held = null;
        try
        {
            var domain = FederationSource.DomainOf(resource.Spec);
            CheckIsAlone(resource);
            held = holdings.Find(domain);
            var bundle = await source.FetchAsync(resource.Spec, ct).ConfigureAwait(false);
            await holdings.PutAsync(bundle, ct).ConfigureAwait(false);
            if (held is null || held.Sequence != bundle.Sequence)
            {
                LogFetched(logger, domain.Name, bundle.Sequence);
            }

            var refresh = Remember(resource, bundle);
            await status.FetchedAsync(resource, bundle, refresh, ct).ConfigureAwait(false);
            return refresh;
        }
        catch (FederationRefusedException e)
        {
            LogFailed(logger, resource.Metadata.Name!, e.Reason, e.Message);
            var refresh = Remember(resource, held);
            await status.FailedAsync(resource, e, held, refresh, ct).ConfigureAwait(false);
            return refresh;
        }
    }

    private TimeSpan Remember(FederatedTrustDomain resource, TrustBundle? bundle)
    {
        var refresh = RefreshOf(bundle);
        _attempts[resource.Metadata.Name!] = new(resource.Metadata.Generation, resource.Spec.TrustDomain, holdings.Now + refresh);
        return refresh;
    }

    /// <summary>Of two resources for one trust domain the older rules: the younger could otherwise replace its keys.</summary>
    private void CheckIsAlone(FederatedTrustDomain resource)
    {
        var first = resources.Items
            .Where(r => r.Spec.TrustDomain == resource.Spec.TrustDomain && r.Metadata.DeletionTimestamp is null)
            .OrderBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
        if (first is not null && first.Metadata.Name != resource.Metadata.Name)
        {
            throw new FederationRefusedException("TrustDomainTaken", $"FederatedTrustDomain '{first.Metadata.Name}' is for {resource.Spec.TrustDomain} already; keep one of them");
        }
    }

    private void Forget(string name, string trustDomain)
    {
        _attempts.TryRemove(name, out _);
        if (TrustDomain.TryParse(trustDomain, out var domain) && !resources.Items.Any(r => r.Spec.TrustDomain == trustDomain))
        {
            holdings.Remove(domain);
            LogForgotten(logger, trustDomain);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The bundle of {TrustDomain} is in force, sequence {Sequence}")]
    private static partial void LogFetched(ILogger logger, string trustDomain, long? sequence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Trust domain {TrustDomain} is believed no more")]
    private static partial void LogForgotten(ILogger logger, string trustDomain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No new bundle for FederatedTrustDomain {Name}: {Reason}: {Problem}")]
    private static partial void LogFailed(ILogger logger, string name, string reason, string problem);

    private sealed record Attempt(long? Generation, string TrustDomain, DateTimeOffset Next);
}
