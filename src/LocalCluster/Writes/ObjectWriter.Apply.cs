using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.ManagedFields;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Writes;

internal sealed partial class ObjectWriter
{
    /// <summary>Server-side apply: the object is made, or the fields that the manager states become its own.</summary>
    /// <exception cref="ApiException">It is refused, or another manager owns a field and force is not set.</exception>
    public async Task<WriteResult> ApplyAsync(
        ResourceDefinition resource, ObjectKey key, JsonObject applied, UserInfo user, WriteOptions options, CancellationToken ct)
    {
        CheckType(resource, applied);
        CheckAppliedName(resource, key, applied);
        if (applied.Object("metadata").Array("managedFields") is { Count: > 0 })
        {
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        }
        FieldPruning.Apply(resource, applied, options);
        var config = applied.Copy();
        config.Metadata().Remove("resourceVersion");
        options = options with { Apply = config };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return store.Find(key) is null && options.Subresource.Length == 0
                    ? await CreateAsync(resource, key.Namespace, WithoutVersion(resource, applied), user, options, ct).ConfigureAwait(false)
                    : await UpdateAsync(resource, key, current => ServerSideApply.Merge(resource, current, applied, options), user, options, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (attempt < MaxAttempts && e.Reason == "AlreadyExists")
            {
                // someone made it between the look and the creation
            }
        }
    }

    private static void CheckAppliedName(ResourceDefinition resource, ObjectKey key, JsonObject applied)
    {
        var metadata = applied.Metadata();
        metadata.Default("name", key.Name);
        if (metadata.Text("name") != key.Name)
        {
            throw ApiErrors.BadRequest($"the name of the object ({metadata.Text("name")}) does not match the name on the URL ({key.Name})");
        }
        if (!resource.Namespaced) metadata.Remove("namespace");
        else if (metadata.Text("namespace") is { Length: > 0 } ns && ns != key.Namespace)
        {
            throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static JsonObject WithoutVersion(ResourceDefinition resource, JsonObject applied)
    {
        if (applied.Metadata().Text("uid") is { Length: > 0 }) throw ApiErrors.Conflict(resource, applied.Name(), "uid mismatch: the provided object specified a uid, and no existing object was found");
        var copy = applied.Copy();
        copy.Metadata().Remove("resourceVersion");
        return copy;
    }
}
