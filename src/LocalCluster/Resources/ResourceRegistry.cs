using System.Collections.Immutable;

namespace Castellan.LocalCluster.Resources;

/// <summary>The resources served at this moment: the built-in ones and those of the established CustomResourceDefinitions.</summary>
internal sealed class ResourceRegistry
{
    private readonly ImmutableArray<ResourceDefinition> builtIn;
    private volatile Snapshot snapshot;

    public ResourceRegistry(IEnumerable<ResourceDefinition> builtIn)
    {
        this.builtIn = [.. builtIn];
        snapshot = new Snapshot(this.builtIn, 1);
    }

    /// <summary>Every served resource, in the order of discovery.</summary>
    public ImmutableArray<ResourceDefinition> All => snapshot.All;

    /// <summary>Changes whenever <see cref="All"/> does.</summary>
    public long Revision => snapshot.Revision;

    public ResourceDefinition? Find(string group, string version, string plural) =>
        snapshot.ByPath.GetValueOrDefault((group, version, plural));

    public ResourceDefinition? FindKind(string group, string version, string kind) =>
        snapshot.ByKind.GetValueOrDefault((group, version, kind));

    /// <summary>The resource whose objects are stored under a key, in its first version.</summary>
    public ResourceDefinition? FindStored(string storageKey) => snapshot.ByStorage.GetValueOrDefault(storageKey);

    public void SetCustom(IEnumerable<ResourceDefinition> custom) =>
        snapshot = new Snapshot(builtIn.AddRange(custom), snapshot.Revision + 1);

    private sealed class Snapshot
    {
        public Snapshot(ImmutableArray<ResourceDefinition> all, long revision)
        {
            (All, Revision) = (all, revision);
            foreach (var resource in all)
            {
                ByPath.TryAdd((resource.Group, resource.Version, resource.Plural), resource);
                ByKind.TryAdd((resource.Group, resource.Version, resource.Kind), resource);
                ByStorage.TryAdd(resource.StorageKey, resource);
            }
        }

        public ImmutableArray<ResourceDefinition> All { get; }

        public long Revision { get; }

        public Dictionary<(string, string, string), ResourceDefinition> ByPath { get; } = [];

        public Dictionary<(string, string, string), ResourceDefinition> ByKind { get; } = [];

        public Dictionary<string, ResourceDefinition> ByStorage { get; } = [];
    }
}
