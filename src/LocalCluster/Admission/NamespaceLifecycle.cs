using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Admission;

/// <summary>Nothing is made in a namespace that does not exist or is going; the system's own namespaces stay.</summary>
internal sealed class NamespaceLifecycle(ObjectStore store) : IAdmission
{
    private static readonly string[] Immortal = ["default", "kube-system", "kube-public"];

    public void Admit(AdmissionRequest request)
    {
        if (request.Old is not null || !request.Resource.Namespaced) return;
        var ns = request.Object.Namespace();
        var found = store.Find(new ObjectKey("/namespaces", "", ns));
        if (found is null)
        {
            throw new ApiException(404, "NotFound", $"namespaces \"{ns}\" not found") { Details = new() { ["name"] = ns, ["kind"] = "namespaces" } };
        }
        if (!found.Deleting) return;
        var error = ApiErrors.Forbidden(request.Resource, request.Object.Name(),
            $"unable to create new content in namespace {ns} because it is being terminated");
        error.Details!["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {ns} is being terminated", ["field"] = "metadata.namespace",
        });
        throw error;
    }

    public void AdmitDelete(ResourceDefinition resource, JsonObject obj, UserInfo user)
    {
        if (resource.StorageKey == "/namespaces" && Immortal.Contains(obj.Name()))
        {
            throw ApiErrors.Forbidden(resource, obj.Name(), "this namespace may not be deleted");
        }
    }
}
