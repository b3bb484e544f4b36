using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Collection;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>Serves what CustomResourceDefinitions define, and reports in their status that it does.</summary>
internal sealed class CustomResourceCatalog(ObjectWriter writer, ILogger<CustomResourceCatalog> logger)
    : StoreFollower(writer.Store, Definitions, logger)
{
    public const string Definitions = "apiextensions.k8s.io/customresourcedefinitions";
    private static readonly UserInfo Self = UserInfo.Of("system:apiserver", [UserInfo.Masters]);
    private static readonly WriteOptions StatusOptions = new() { FieldManager = "kube-apiserver", Subresource = "status", FieldValidation = FieldValidation.Ignore };
    private static readonly WriteOptions Options = new() { FieldManager = "kube-apiserver", FieldValidation = FieldValidation.Ignore };

    private readonly SortedDictionary<string, (long Revision, IReadOnlyList<ResourceDefinition> Versions)> served = new(StringComparer.Ordinal);

    protected override async Task SeedAsync(StoredObject[] items, CancellationToken ct)
    {
        served.Clear();
        foreach (var definition in items) await ServeAsync(definition, ct).ConfigureAwait(false);
        Publish();
    }

    protected override async Task HandleAsync(StoreEvent written, CancellationToken ct)
    {
        if (written.Type == StoreEventType.Deleted)
        {
            served.Remove(written.Object.Key.Name);
            Publish();
            return;
        }
        await ServeAsync(written.Object, ct).ConfigureAwait(false);
        Publish();
    }

    private void Publish() => writer.Registry.SetCustom(served.Values.SelectMany(v => v.Versions));

    private async Task ServeAsync(StoredObject stored, CancellationToken ct)
    {
        var definition = JsonObjects.Parse(stored.Json);
        if (stored.Deleting)
        {
            await CollectAsync(stored, definition, ct).ConfigureAwait(false);
            return;
        }
        served[stored.Key.Name] = (stored.Revision, CustomResourceReader.Read(definition));
        Publish(); // first served, then said to be
        await writer.UpdateAsync(writer.Registry.FindStored(Definitions)!, stored.Key, d => CustomResourceStatus.Report(d, writer.Now()), Self, StatusOptions, ct)
            .ConfigureAwait(false);
    }

    /// <summary>Deletes the objects of a definition that is going, then lets it go.</summary>
    private async Task CollectAsync(StoredObject stored, JsonObject definition, CancellationToken ct)
    {
        if (!served.TryGetValue(stored.Key.Name, out var entry) || entry.Versions is not [var resource, ..]) resource = CustomResourceReader.Read(definition)[0];
        foreach (var obj in writer.Store.List(resource.StorageKey, null).Items)
        {
            try
            {
                await writer.DeleteAsync(resource, obj.Key, new DeleteOptions { Uid = obj.Uid }, Self, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.Code is 404 or 409)
            {
                // gone or replaced meanwhile
            }
        }
        await writer.UpdateAsync(writer.Registry.FindStored(Definitions)!, stored.Key, Release, Self, Options, ct).ConfigureAwait(false);
    }

    private static JsonObject Release(JsonObject definition)
    {
        var left = definition.Metadata().Array("finalizers").Texts().Where(f => f != CustomResourceRules.Finalizer).ToList();
        if (left.Count > 0) definition.Metadata()["finalizers"] = left.ToJsonArray();
        else definition.Metadata().Remove("finalizers");
        return definition;
    }
}
