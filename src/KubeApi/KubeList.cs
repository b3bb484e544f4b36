namespace Castellan.KubeApi;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">Kind of the items.</typeparam>
public sealed class KubeList<T>
{
    /// <summary>Group and version of the list.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind of the list, for example <c>PodList</c>.</summary>
    public string? Kind { get; set; }

    /// <summary>Version to watch from, and the token of the next page.</summary>
    public ListMeta Metadata { get; set; } = new();

    /// <summary>The items, in the server's order.</summary>
    public IList<T> Items { get; set; } = [];
}

/// <summary>Metadata of a list.</summary>
public sealed class ListMeta : KubeFields
{
    /// <summary>Version of the collection at the time of the list.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Token of the next page; absent on the last.</summary>
    public string? Continue { get; set; }

    /// <summary>How many items follow, when the server knows.</summary>
    public long? RemainingItemCount { get; set; }
}
