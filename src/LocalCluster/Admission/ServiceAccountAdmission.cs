using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Admission;

/// <summary>Pods run as a service account that exists, <c>default</c> unless they name one, and get its token as a volume unless they decline.</summary>
/// <remarks>Source: Kubernetes documentation, "Admission Control", ServiceAccount.</remarks>
internal sealed class ServiceAccountAdmission(ObjectStore store) : IAdmission
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";

    public void Admit(AdmissionRequest request)
    {
        if (request.Resource.StorageKey != "/pods" || request.Old is not null) return;
        var spec = request.Object.Member("spec");
        if (string.IsNullOrEmpty(spec.Text("serviceAccountName"))) spec["serviceAccountName"] = "default";
        spec["serviceAccount"] = spec.Text("serviceAccountName");
        var name = spec.Text("serviceAccountName")!;
        if (store.Find(new ObjectKey("/serviceaccounts", request.Object.Namespace(), name)) is not { } stored)
        {
            throw ApiErrors.Forbidden(request.Resource, request.Object.Name(),
                $"error looking up service account {request.Object.Namespace()}/{name}: serviceaccount \"{name}\" not found");
        }
        var account = JsonObjects.Parse(stored.Json);
        if ((spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken")) == false) return;
        Mount(spec);
    }

    private static void Mount(JsonObject spec)
    {
        var containers = spec.Array("containers").Objects().Concat(spec.Array("initContainers").Objects()).ToList();
        var without = containers.Where(c => !c.Array("volumeMounts").Objects().Any(m => m.Text("mountPath") == MountPath)).ToList();
        if (without.Count == 0) return;
        var volume = VolumePrefix + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
        foreach (var container in without)
        {
            if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
            mounts.Add(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
        }
        if (spec["volumes"] is not JsonArray volumes) spec["volumes"] = volumes = [];
        volumes.Add(new JsonObject
        {
            ["name"] = volume,
            ["projected"] = new JsonObject
            {
                ["defaultMode"] = 420,
                ["sources"] = new JsonArray(
                    new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                    new JsonObject
                    {
                        ["configMap"] = new JsonObject
                        {
                            ["name"] = "kube-root-ca.crt", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                        },
                    },
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject
                        {
                            ["items"] = new JsonArray(new JsonObject
                            {
                                ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                            }),
                        },
                    }),
            },
        });
    }
}
