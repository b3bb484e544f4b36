using System.Text.Json;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Informers;

namespace Castellan.LocalCluster.Controllers.Endpoints;

/// <summary>Keeps the Endpoints and EndpointSlices of Services with a selector.</summary>
internal sealed class EndpointsReconciler(KubeConnection kube, InformerSet informers) : IReconciler<Service>
{
    private readonly Informer<Service> _services = informers.For<Service>();
    private readonly Informer<Pod> _pods = informers.For<Pod>();
    private readonly Informer<KubeApi.Core.Endpoints> _endpoints = informers.For<KubeApi.Core.Endpoints>();
    private readonly Informer<EndpointSlice> _slices = informers.For<EndpointSlice>();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (_services.Find(key) is not { Metadata.DeletionTimestamp: null } service)
        {
            // Slices go with their owner; Endpoints have none in the real cluster either.
            if (_endpoints.Find(key) is not null) await kube.DeleteAsync<KubeApi.Core.Endpoints>(key, ct: ct);
            return ReconcileResult.Done;
        }
        if (service.Spec.Selector is not { Count: > 0 } selector) return ReconcileResult.Done; // somebody writes them by hand
        var chosen = new LabelSelector { MatchLabels = selector };
        var pods = _pods.Items.Where(p => p.Metadata.Namespace == key.Namespace && chosen.Matches(p.Metadata.Labels)).ToList();
        await WriteEndpointsAsync(service, pods, ct);
        await WriteSlicesAsync(service, pods, ct);
        return ReconcileResult.Done;
    }

    /// <summary>The Services that choose a pod.</summary>
    public IEnumerable<NamespacedName> Of(Pod pod) => _services.Items
        .Where(s => s.Metadata.Namespace == pod.Metadata.Namespace && s.Spec.Selector is { Count: > 0 } selector
            && new LabelSelector { MatchLabels = selector }.Matches(pod.Metadata.Labels))
        .Select(s => s.Key);

    private async Task WriteEndpointsAsync(Service service, List<Pod> pods, CancellationToken ct)
    {
        var wanted = new KubeApi.Core.Endpoints
        {
            Metadata = { Name = service.Metadata.Name, Namespace = service.Metadata.Namespace, Labels = service.Metadata.Labels },
            Subsets = ServiceEndpoints.Subsets(service, pods) is { Count: > 0 } some ? some : null,
        };
        var found = _endpoints.Find(service.Key);
        if (found is null)
        {
            await CreateAsync(wanted, ct);
        }
        else if (Text(found.Subsets) != Text(wanted.Subsets))
        {
            wanted.Metadata.ResourceVersion = found.Metadata.ResourceVersion;
            await kube.ReplaceAsync(wanted, ct: ct);
        }
    }

    private async Task WriteSlicesAsync(Service service, List<Pod> pods, CancellationToken ct)
    {
        var wanted = ServiceEndpoints.Slices(service, pods);
        foreach (var slice in wanted)
        {
            var found = _slices.Find(slice.Key);
            if (found is null)
            {
                await CreateAsync(slice, ct);
            }
            else if (Text(found.Endpoints) != Text(slice.Endpoints) || Text(found.Ports) != Text(slice.Ports))
            {
                slice.Metadata.ResourceVersion = found.Metadata.ResourceVersion;
                await kube.ReplaceAsync(slice, ct: ct);
            }
        }
        foreach (var old in _slices.OwnedBy(service.Metadata.Uid!).Where(s => wanted.All(w => w.Key != s.Key))) await kube.DeleteAsync<EndpointSlice>(old.Key, ct: ct);
    }

    // The informer may not have seen yet what this reconciler created a moment ago: its event brings the key back, with what is there.
    private async Task CreateAsync<T>(T wanted, CancellationToken ct) where T : KubeObject
    {
        try
        {
            await kube.CreateAsync(wanted, ct: ct);
        }
        catch (KubeException e) when (e.IsAlreadyExists)
        {
            await ReplaceKnownAsync(wanted, ct);
        }
    }

    private async Task ReplaceKnownAsync<T>(T wanted, CancellationToken ct) where T : KubeObject
    {
        if (await kube.FindAsync<T>(wanted.Key, ct) is not { } there) return; // gone again; its event brings the key back
        wanted.Metadata.ResourceVersion = there.Metadata.ResourceVersion;
        await kube.ReplaceAsync(wanted, ct: ct);
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, KubeJson.Options);
}
