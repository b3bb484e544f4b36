using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.LocalCluster.Controllers.ReplicaSets;

namespace Castellan.LocalCluster.Controllers.Endpoints;

/// <summary>Works out the addresses behind a Service. Pure.</summary>
internal static class ServiceEndpoints
{
    /// <summary>The Endpoints' subsets: addresses grouped by the ports they answer on.</summary>
    public static IList<EndpointSubset> Subsets(Service service, IEnumerable<Pod> pods)
    {
        var groups = Groups(service, pods);
        return [.. groups.Select(g => new EndpointSubset
        {
            Addresses = NullIfEmpty(g.Pods.Where(p => TakesTraffic(service, p)).Select(Address)),
            NotReadyAddresses = NullIfEmpty(g.Pods.Where(p => !TakesTraffic(service, p)).Select(Address)),
            Ports = g.Ports,
        })];
    }

    /// <summary>The same as slices: one per group of ports.</summary>
    public static IList<EndpointSlice> Slices(Service service, IEnumerable<Pod> pods)
    {
        var groups = Groups(service, pods);
        return [.. groups.Select((g, i) => new EndpointSlice
        {
            Metadata =
            {
                Name = $"{service.Metadata.Name}-{i}",
                Namespace = service.Metadata.Namespace,
                Labels = new Dictionary<string, string>
                {
                    ["kubernetes.io/service-name"] = service.Metadata.Name!, ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
                },
                OwnerReferences = [service.AsOwner()],
            },
            Endpoints = [.. g.Pods.Select(p => new SliceEndpoint
            {
                Addresses = [p.Status!.PodIP!],
                Conditions = new SliceConditions
                {
                    Ready = TakesTraffic(service, p), Serving = PodState.IsReady(p), Terminating = p.Metadata.DeletionTimestamp is not null,
                },
                NodeName = p.Spec.NodeName,
                TargetRef = Reference(p),
            })],
            Ports = g.Ports,
        })];
    }

    private static List<(List<EndpointPort> Ports, List<Pod> Pods)> Groups(Service service, IEnumerable<Pod> pods)
    {
        var groups = new List<(List<EndpointPort> Ports, List<Pod> Pods)>();
        foreach (var pod in pods.Where(p => p is { Status.PodIP.Length: > 0 } and not { Status.Phase: "Succeeded" or "Failed" }).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal))
        {
            var ports = Ports(service, pod);
            var key = string.Join(',', ports.Select(p => $"{p.Name}:{p.Port}/{p.Protocol}"));
            var known = groups.Find(g => string.Join(',', g.Ports.Select(p => $"{p.Name}:{p.Port}/{p.Protocol}")) == key);
            if (known.Pods is null) groups.Add((ports, [pod]));
            else known.Pods.Add(pod);
        }
        return groups;
    }

    private static bool TakesTraffic(Service service, Pod pod) =>
        service.Spec.PublishNotReadyAddresses is true || (PodState.IsReady(pod) && pod.Metadata.DeletionTimestamp is null);

    private static List<EndpointPort> Ports(Service service, Pod pod) => [.. (service.Spec.Ports ?? [])
        .Select(p => new EndpointPort { Name = p.Name, Port = Number(p, pod), Protocol = p.Protocol ?? "TCP", AppProtocol = p.AppProtocol })
        .Where(p => p.Port > 0)];

    private static int? Number(ServicePort port, Pod pod) => port.TargetPort switch
    {
        null => port.Port,
        { Number: { } number } => number == 0 ? port.Port : number,
        { Text: var name } => pod.Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(c => c.Name == name && (c.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port,
    };

    private static EndpointAddress Address(Pod pod) => new() { Ip = pod.Status!.PodIP!, NodeName = pod.Spec.NodeName, TargetRef = Reference(pod) };

    private static ObjectReference Reference(Pod pod) =>
        new() { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };

    private static List<T>? NullIfEmpty<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } some ? some : null;
}
