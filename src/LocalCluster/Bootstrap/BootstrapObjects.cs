using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Bootstrap;

/// <summary>What every cluster has from its first start; made when missing, and the system's roles brought up to date.</summary>
internal sealed class BootstrapObjects(ObjectWriter writer, string authorityPem)
{
    private static readonly UserInfo Self = UserInfo.Of("system:apiserver", [UserInfo.Masters]);
    private static readonly WriteOptions Options = new() { FieldManager = "kube-apiserver" };
    private static readonly string[] Namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    public async Task EnsureAsync(CancellationToken ct)
    {
        var pending = Namespaces.Select(ns => EnsureAsync("", "namespaces", "", Named(ns), ct)).ToList();
        await Task.WhenAll(pending).ConfigureAwait(false);
        pending.Clear();
        pending.AddRange(BootstrapRoles.All().Select(role => EnsureRoleAsync(role, ct)));
        pending.AddRange(BootstrapRoles.Bindings().Select(binding => EnsureAsync("rbac.authorization.k8s.io", "clusterrolebindings", "", binding, ct)));
        pending.Add(EnsureAsync("rbac.authorization.k8s.io", "roles", "kube-system", BootstrapRoles.AuthenticationReader(), ct));
        pending.Add(PublishAuthorityAsync(ct));
        await Task.WhenAll(pending).ConfigureAwait(false);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private async Task EnsureAsync(string group, string plural, string ns, JsonObject obj, CancellationToken ct)
    {
        var resource = writer.Registry.Find(group, "v1", plural)!;
        if (writer.Store.Find(new ObjectKey(resource.StorageKey, ns, obj.Name())) is not null) return;
        await writer.CreateAsync(resource, ns, obj, Self, Options, ct).ConfigureAwait(false);
    }

    private async Task EnsureRoleAsync(JsonObject role, CancellationToken ct)
    {
        var resource = writer.Registry.Find("rbac.authorization.k8s.io", "v1", "clusterroles")!;
        var key = new ObjectKey(resource.StorageKey, "", role.Name());
        if (writer.Store.Find(key) is null)
        {
            await writer.CreateAsync(resource, "", role, Self, Options, ct).ConfigureAwait(false);
            return;
        }
        await writer.UpdateAsync(resource, key, current =>
        {
            current["rules"] = role["rules"]!.DeepClone();
            return current;
        }, Self, Options, ct).ConfigureAwait(false);
    }

    /// <summary>Where servers beside this one find the authority of client certificates.</summary>
    private async Task PublishAuthorityAsync(CancellationToken ct)
    {
        var data = new JsonObject { ["client-ca-file"] = authorityPem };
        var resource = writer.Registry.Find("", "v1", "configmaps")!;
        var key = new ObjectKey(resource.StorageKey, "kube-system", "extension-apiserver-authentication");
        if (writer.Store.Find(key) is null)
        {
            var map = Named(key.Name);
            map["data"] = data;
            await writer.CreateAsync(resource, key.Namespace, map, Self, Options, ct).ConfigureAwait(false);
            return;
        }
        await writer.UpdateAsync(resource, key, current =>
        {
            current["data"] = data.DeepClone();
            return current;
        }, Self, Options, ct).ConfigureAwait(false);
    }
}
