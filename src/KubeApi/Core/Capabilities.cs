namespace Castellan.KubeApi.Core;

/// <summary>Linux capabilities of a container.</summary>
public sealed class Capabilities : KubeFields
{
    /// <summary>Added, without the prefix <c>CAP_</c>.</summary>
    public IList<string>? Add { get; set; }

    /// <summary>Dropped; <c>ALL</c> drops every one.</summary>
    public IList<string>? Drop { get; set; }
}
