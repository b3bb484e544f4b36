using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Admission;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Schemas;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Writes;

/// <summary>Creates, changes and deletes objects by the rules of their kind: the one way into the store.</summary>
internal sealed partial class ObjectWriter(ObjectStore store, ResourceRegistry registry, TimeProvider clock, IReadOnlyList<IAdmission> admissions)
{
    private const int MaxAttempts = 16;
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    public ObjectStore Store => store;

    public ResourceRegistry Registry => registry;

    public TimeProvider Clock => clock;

    /// <summary>Writes a new object.</summary>
    /// <exception cref="ApiException">It is refused, or a namesake exists.</exception>
    public async Task<WriteResult> CreateAsync(ResourceDefinition resource, string ns, JsonObject obj, UserInfo user, WriteOptions options, CancellationToken ct)
    {
        CheckType(resource, obj);
        FieldPruning.Apply(resource, obj, options);
        PrepareMetadata(resource, ns, obj);
        if (resource.HasStatus) obj.Remove("status");
        resource.Rules.Default(obj);
        Defaulting.Apply(resource.Schema, obj);
        resource.Rules.PrepareForCreate(obj);
        Admit(new AdmissionRequest(resource, obj, null, user, options));
        Check(resource, obj, null);
        ManagedFields.ManagedFieldsRecorder.RecordWrite(resource, obj, null, options, Now());
        var draft = ObjectDraft.Of(obj);
        var key = new ObjectKey(resource.StorageKey, obj.Namespace(), obj.Name());
        if (options.DryRun)
        {
            if (store.Find(key) is not null) throw ApiErrors.AlreadyExists(resource, key.Name);
            return new WriteResult(StoredObject.Parse(key, 0, draft.Complete(0)), Created: true);
        }
        try
        {
            return new WriteResult(await store.PutAsync(key, draft, 0, ct).ConfigureAwait(false), Created: true);
        }
        catch (CommitConflictException)
        {
            throw ApiErrors.AlreadyExists(resource, key.Name);
        }
    }

    /// <summary>The text of now as the API writes times.</summary>
    public string Now() => Timestamp(clock.GetUtcNow());

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void CheckType(ResourceDefinition resource, JsonObject obj)
    {
        var (version, kind) = (obj.Text("apiVersion"), obj.Text("kind"));
        if (string.IsNullOrEmpty(version)) obj["apiVersion"] = version = resource.ApiVersion;
        if (string.IsNullOrEmpty(kind)) obj["kind"] = kind = resource.Kind;
        if (version != resource.ApiVersion)
        {
            throw ApiErrors.BadRequest($"the API version in the data ({version}) does not match the expected API version ({resource.ApiVersion})");
        }
        if (kind != resource.Kind) throw ApiErrors.BadRequest($"the kind in the data ({kind}) does not match the expected kind ({resource.Kind})");
    }

    private void PrepareMetadata(ResourceDefinition resource, string ns, JsonObject obj)
    {
        var metadata = obj.Metadata();
        CheckNamespace(resource, ns, metadata);
        if (metadata.Text("resourceVersion") is { Length: > 0 }) throw ApiErrors.BadRequest("resourceVersion should not be set on objects to be created");
        foreach (var name in (ReadOnlySpan<string>)["resourceVersion", "selfLink", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.Remove(name);
        }
        if (string.IsNullOrEmpty(metadata.Text("name")))
        {
            var prefix = metadata.Text("generateName");
            if (string.IsNullOrEmpty(prefix))
            {
                throw ApiErrors.Invalid(resource, "", [FieldFault.Required("metadata.name", "name or generateName is required")]);
            }
            metadata["name"] = (prefix.Length > 58 ? prefix[..58] : prefix) + RandomNumberGenerator.GetString(NameAlphabet, 5);
        }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Now();
        if (resource.HasGeneration) metadata["generation"] = 1;
    }

    private static void CheckNamespace(ResourceDefinition resource, string ns, JsonObject metadata)
    {
        if (!resource.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        if (metadata.Text("namespace") is { Length: > 0 } given && given != ns)
        {
            throw ApiErrors.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = ns;
    }

    private void Admit(AdmissionRequest request)
    {
        foreach (var admission in admissions) admission.Admit(request);
    }

    private static void Check(ResourceDefinition resource, JsonObject obj, JsonObject? old)
    {
        var faults = new List<FieldFault>(ObjectNames.Check(resource, obj, old));
        faults.AddRange(SchemaChecks.Check(resource, obj, old));
        if (faults.Count == 0) faults.AddRange(resource.Rules.Validate(obj, old));
        if (faults.Count > 0) throw ApiErrors.Invalid(resource, obj.Name(), faults);
    }
}

/// <summary>What a write led to.</summary>
/// <param name="Object">The state after it.</param>
/// <param name="Created">The object is new.</param>
internal readonly record struct WriteResult(StoredObject Object, bool Created);
