using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Admission;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Writes;

internal sealed partial class ObjectWriter
{
    private static readonly string[] ServerMetadata =
        ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "namespace", "name", "generateName"];

    /// <summary>
    /// Changes an object; computed again when another write came in between, unless the change itself names a resourceVersion.
    /// </summary>
    /// <remarks>The change makes the next state from the current one, which it may change or drop.</remarks>
    /// <exception cref="ApiException">It is refused, gone, or names an old resourceVersion.</exception>
    public async Task<WriteResult> UpdateAsync(
        ResourceDefinition resource, ObjectKey key, Func<JsonObject, JsonObject> change, UserInfo user, WriteOptions options, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = store.Find(key) ?? throw ApiErrors.NotFound(resource, key.Name);
            var old = JsonObjects.Parse(current.Json);
            Convert(resource, old);
            var next = change(old.Copy());
            if (next.Object("metadata").Text("resourceVersion") is { Length: > 0 } wanted
                && wanted != current.Revision.ToString(CultureInfo.InvariantCulture))
            {
                throw ApiErrors.Conflict(resource, key.Name);
            }
            if (!Prepare(new AdmissionRequest(resource, next, old, user, options))) return new WriteResult(current, Created: false);
            try
            {
                return new WriteResult(await WriteAsync(key, next, current, options, ct).ConfigureAwait(false), Created: false);
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
            }
            catch (CommitConflictException)
            {
                throw ApiErrors.Conflict(resource, key.Name);
            }
        }
    }

    /// <summary>An object as this version of the resource shows it; the schema of one kind is the same in all its versions here.</summary>
    internal static void Convert(ResourceDefinition resource, JsonObject obj) => obj["apiVersion"] = resource.ApiVersion;

    /// <returns>False when nothing would change.</returns>
    private bool Prepare(AdmissionRequest request)
    {
        var (resource, next, old, _, options) = request;
        CheckType(resource, next);
        FieldPruning.Apply(resource, next, options);
        var metadata = next.Metadata();
        if (metadata.Text("name") is { Length: > 0 } name && name != old!.Name())
        {
            throw ApiErrors.BadRequest($"the name of the object ({name}) does not match the name on the URL ({old!.Name()})");
        }
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != old!.Object("metadata").Text("uid"))
        {
            throw ApiErrors.Conflict(resource, old!.Name(),
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old!.Object("metadata").Text("uid")}");
        }
        KeepWhatTheServerOwns(resource, next, old!, options.Subresource);
        resource.Rules.Default(next);
        Defaulting.Apply(resource.Schema, next);
        if (options.Subresource.Length == 0) resource.Rules.PrepareForUpdate(next, old!);
        if (resource.HasGeneration && options.Subresource != "status" && DesiredStateDiffers(resource, next, old!))
        {
            next.Metadata()["generation"] = (old.Object("metadata").Integer("generation") ?? 0) + 1;
        }
        Admit(request);
        Check(resource, next, old);
        CheckFinalizers(resource, next, old!);
        ManagedFields.ManagedFieldsRecorder.RecordWrite(resource, next, old, options, Now());
        next.Metadata()["resourceVersion"] = old!.Metadata().Text("resourceVersion");
        return !JsonObjects.Same(next, old);
    }

    private async Task<StoredObject> WriteAsync(ObjectKey key, JsonObject next, StoredObject current, WriteOptions options, CancellationToken ct)
    {
        var draft = ObjectDraft.Of(next);
        if (options.DryRun) return StoredObject.Parse(key, current.Revision, draft.Complete(current.Revision));
        return IsFinished(next)
            ? await store.RemoveAsync(key, draft, current.Revision, ct).ConfigureAwait(false)
            : await store.PutAsync(key, draft, current.Revision, ct).ConfigureAwait(false);
    }

    /// <summary>Its deletion was asked for, its grace is over and nobody holds it any more.</summary>
    private static bool IsFinished(JsonObject obj) =>
        obj.Object("metadata").Text("deletionTimestamp") is not null
        && (obj.Object("metadata").Integer("deletionGracePeriodSeconds") ?? 0) == 0
        && obj.Object("metadata").Array("finalizers") is null or { Count: 0 }
        && (obj.Text("kind") != "Namespace" || obj.Object("spec").Array("finalizers") is null or { Count: 0 });

    private static void KeepWhatTheServerOwns(ResourceDefinition resource, JsonObject next, JsonObject old, string subresource)
    {
        var oldMetadata = old.Metadata();
        if (subresource == "status")
        {
            var managed = next.Object("metadata").Array("managedFields")?.DeepClone();
            foreach (var name in next.Select(p => p.Key).Where(n => n != "status").ToList()) next.Remove(name);
            foreach (var (name, value) in old)
            {
                if (name != "status") next[name] = value?.DeepClone();
            }
            if (managed is not null) next.Metadata()["managedFields"] = managed;
            return;
        }
        var metadata = next.Metadata();
        foreach (var name in ServerMetadata)
        {
            if (oldMetadata[name] is { } value) metadata[name] = value.DeepClone();
            else metadata.Remove(name);
        }
        metadata.Remove("selfLink");
        if (!resource.HasStatus || subresource.Length > 0) return;
        if (old["status"] is { } status) next["status"] = status.DeepClone();
        else next.Remove("status");
    }

    private static bool DesiredStateDiffers(ResourceDefinition resource, JsonObject next, JsonObject old)
    {
        if (!resource.IsCustom) return !JsonObjects.Same(next["spec"], old["spec"]);
        var names = next.Select(p => p.Key).Union(old.Select(p => p.Key)).Where(n => n != "metadata" && !(n == "status" && resource.HasStatus));
        return names.Any(n => !JsonObjects.Same(next[n], old[n]));
    }

    private static void CheckFinalizers(ResourceDefinition resource, JsonObject next, JsonObject old)
    {
        if (old.Object("metadata").Text("deletionTimestamp") is null) return;
        var before = old.Object("metadata").Array("finalizers").Texts().ToHashSet();
        var added = next.Object("metadata").Array("finalizers").Texts().Where(f => !before.Contains(f)).ToList();
        if (added.Count == 0) return;
        throw ApiErrors.Invalid(resource, next.Name(), [FieldFault.Forbidden("metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers "
            + $"[]string{{{string.Join(", ", added.Select(a => $"\"{a}\""))}}}")]);
    }
}
