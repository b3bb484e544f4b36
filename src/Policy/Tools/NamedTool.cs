namespace Castellan.Policy;

/// <summary>A tool among those of a namespace, as far as its name goes.</summary>
/// <param name="Server">Its tool server.</param>
/// <param name="Name">Name on the server.</param>
/// <param name="Digest">Digest of its definition.</param>
/// <param name="Since">When it was first seen. Of two that look alike the later one imitates the earlier.</param>
public sealed record NamedTool(string Server, string Name, string Digest, DateTimeOffset Since)
{
    /// <summary>It belongs to one of Castellan's own servers, which imitate nobody.</summary>
    public bool IsOwn { get; init; }
}
