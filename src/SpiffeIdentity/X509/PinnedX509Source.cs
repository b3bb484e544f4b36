using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>One SVID of a source for good, with the bundles as they change: for connections whose certificate must stay known.</summary>
/// <param name="source">Where the bundles come from.</param>
/// <param name="svid">What is shown.</param>
public sealed class PinnedX509Source(IX509Source source, X509Svid svid) : IX509Source
{
    /// <inheritdoc />
    public X509Context Current => new([svid], source.Current.Bundles);

    /// <inheritdoc />
    public bool IsReady => source.IsReady;

    /// <inheritdoc />
    public IChangeToken ChangeToken => source.ChangeToken;
}
