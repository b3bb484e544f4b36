using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>One identity of a source that holds several.</summary>
/// <param name="source">The source; not disposed here.</param>
/// <param name="id">The identity that is shown.</param>
public sealed class SelectedX509Source(IX509Source source, SpiffeId id) : IX509Source
{
    /// <inheritdoc />
    public X509Context Current
    {
        get
        {
            var all = source.Current;
            return all.Svids.FirstOrDefault(s => s.Id == id) is { } svid
                ? new([svid], all.Bundles)
                : throw new SvidUnavailableException($"this process has no SVID of {id}, only of {string.Join(", ", all.Svids.Select(s => s.Id))}");
        }
    }

    /// <inheritdoc />
    public bool IsReady => source.IsReady && source.Current.Svids.Any(s => s.Id == id);

    /// <inheritdoc />
    public IChangeToken ChangeToken => source.ChangeToken;
}
