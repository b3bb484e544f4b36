using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Patching;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Writes;

internal sealed partial class ObjectWriter
{
    /// <summary>Server-side apply: the object is made, or the fields that the manager states become its own.</summary>
    /// <exception cref="ApiException">It is refused, or another manager owns a field and force is not set.</exception>
    public async Task<WriteResult> ApplyAsync(
        ResourceDefinition resource, ObjectKey key, JsonObject applied, UserInfo user, WriteOptions options, CancellationToken ct)
    {
        if (store.Find(key) is null && options.Subresource.Length == 0)
        {
            applied.Metadata()["name"] = key.Name;
            return await CreateAsync(resource, key.Namespace, applied, user, options, ct).ConfigureAwait(false);
        }
        return await UpdateAsync(resource, key, current => Merge(current, applied, resource), user, options, ct).ConfigureAwait(false);
    }

    private static JsonObject Merge(JsonObject current, JsonObject applied, ResourceDefinition resource)
    {
        StrategicMerge.Merge(current, applied, resource.Schema);
        return current;
    }
}
