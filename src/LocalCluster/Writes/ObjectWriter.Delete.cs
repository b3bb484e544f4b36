using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Writes;

internal sealed partial class ObjectWriter
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    /// <summary>Removes an object, or marks it when finalizers or a grace period hold it.</summary>
    /// <returns>The last state, and whether it is gone.</returns>
    /// <exception cref="ApiException">It does not exist, a precondition fails, or the deletion is refused.</exception>
    public async Task<DeleteResult> DeleteAsync(ResourceDefinition resource, ObjectKey key, DeleteOptions options, UserInfo user, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = store.Find(key) ?? throw ApiErrors.NotFound(resource, key.Name);
            CheckPreconditions(resource, current, options);
            var obj = JsonObjects.Parse(current.Json);
            Convert(resource, obj);
            foreach (var admission in admissions) admission.AdmitDelete(resource, obj, user);
            var before = obj.Copy();
            Mark(resource, obj, options);
            var gone = IsFinished(obj);
            if (options.DryRun || (!gone && JsonObjects.Same(before, obj))) return new DeleteResult(current, gone);
            try
            {
                var draft = ObjectDraft.Of(obj);
                return gone
                    ? new DeleteResult(await store.RemoveAsync(key, draft, current.Revision, ct).ConfigureAwait(false), Gone: true)
                    : new DeleteResult(await store.PutAsync(key, draft, current.Revision, ct).ConfigureAwait(false), Gone: false);
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

    private static void CheckPreconditions(ResourceDefinition resource, StoredObject current, DeleteOptions options)
    {
        if (options.Uid is { Length: > 0 } uid && uid != current.Uid)
        {
            throw ApiErrors.Conflict(resource, current.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }
        if (options.ResourceVersion is { Length: > 0 } version && version != current.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiErrors.Conflict(resource, current.Key.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current.Revision}");
        }
    }

    private void Mark(ResourceDefinition resource, JsonObject obj, DeleteOptions options)
    {
        var metadata = obj.Metadata();
        var grace = resource.Rules.GracePeriodSeconds(obj, options.GracePeriodSeconds);
        var already = metadata.Text("deletionTimestamp") is not null;
        if (!already || grace < (metadata.Integer("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionTimestamp"] = Timestamp(clock.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
        }
        if (!already && resource.HasGeneration) metadata["generation"] = (metadata.Integer("generation") ?? 0) + 1;
        if (obj.Text("kind") == "Namespace") obj.Member("status")["phase"] = "Terminating";
        SetPropagation(metadata, options.Propagation);
    }

    private static void SetPropagation(JsonObject metadata, string? propagation)
    {
        if (propagation is null) return;
        var finalizers = metadata.Array("finalizers").Texts().Where(f => f is not (ForegroundFinalizer or OrphanFinalizer)).ToList();
        if (propagation == "Foreground") finalizers.Add(ForegroundFinalizer);
        if (propagation == "Orphan") finalizers.Add(OrphanFinalizer);
        if (finalizers.Count > 0) metadata["finalizers"] = finalizers.ToJsonArray();
        else metadata.Remove("finalizers");
    }
}

/// <summary>The options of a deletion.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Background, Foreground, Orphan; null for the kind's default.</summary>
    public string? Propagation { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>What a deletion led to.</summary>
/// <param name="Object">The last state.</param>
/// <param name="Gone">False when finalizers or a grace period hold it.</param>
internal readonly record struct DeleteResult(StoredObject Object, bool Gone);
