using System.Net;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Admission;

/// <summary>Gives Services their cluster addresses, from x.x.0.2 to x.x.255.254 of their range: loopback, so that nothing outside this machine is reached.</summary>
internal sealed class ServiceAddresses(ObjectStore store, LoopbackRange range) : IAdmission
{
    private const int First = 2;
    private const int Last = (256 * 256) - 2;
    private const int MaxPending = 256;
    private readonly Lock gate = new();
    private readonly HashSet<string> handedOut = new(StringComparer.Ordinal);

    public void Admit(AdmissionRequest request)
    {
        if (request.Resource.StorageKey != "/services" || request.Options.Subresource.Length > 0) return;
        var spec = request.Object.Member("spec");
        if (spec.Text("type") == "ExternalName")
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
            return;
        }
        if (spec.Text("clusterIP") is not { Length: > 0 } ip)
        {
            spec["clusterIP"] = ip = Take(request);
        }
        else if (request.Old is null && ip != "None")
        {
            Claim(request, ip);
        }
        spec["clusterIPs"] = new JsonArray(ip);
    }

    private string Take(AdmissionRequest request)
    {
        lock (gate)
        {
            var used = Used();
            for (var i = First; i <= Last; i++)
            {
                var ip = $"{range.ServicePrefix}{i >> 8}.{i & 255}";
                if (used.Contains(ip) || !handedOut.Add(ip)) continue;
                return ip;
            }
        }
        throw ApiErrors.Invalid(request.Resource, request.Object.Name(), [FieldFault.Invalid("spec.clusterIPs", "[]", "failed to allocate IP: range is full")]);
    }

    private void Claim(AdmissionRequest request, string ip)
    {
        lock (gate)
        {
            if (!ip.StartsWith(range.ServicePrefix, StringComparison.Ordinal) || !IPAddress.TryParse(ip, out _))
            {
                throw ApiErrors.Invalid(request.Resource, request.Object.Name(), [FieldFault.Invalid("spec.clusterIPs", $"[\"{ip}\"]",
                    $"failed to allocate IP {ip}: the provided IP is not in the valid range. The range of valid IPs is {range.ServiceCidr}")]);
            }
            if (Used().Contains(ip))
            {
                throw ApiErrors.Invalid(request.Resource, request.Object.Name(), [FieldFault.Invalid("spec.clusterIPs", $"[\"{ip}\"]",
                    $"failed to allocate IP {ip}: provided IP is already allocated")]);
            }
            handedOut.Add(ip);
        }
    }

    /// <summary>The addresses of stored Services; one handed out to a Service that was then not stored is free again later.</summary>
    private HashSet<string> Used()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in store.List("/services", null).Items)
        {
            if (JsonObjects.Parse(service.Json).Object("spec").Text("clusterIP") is { } ip) used.Add(ip);
        }
        handedOut.ExceptWith(used);
        if (handedOut.Count > MaxPending) handedOut.Clear();
        return used;
    }
}
