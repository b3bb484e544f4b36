using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Identities that get nothing any more and are let in nowhere: what revocation is where SVIDs live for an hour.</summary>
/// <remarks>Reading takes no lock. With a file it outlives the process: one SPIFFE ID per line, replaced atomically.</remarks>
public sealed class DenialList
{
    private readonly string? _path;
    private readonly Lock _gate = new();
    private volatile ImmutableHashSet<SpiffeId> _denied;
    private CancellationTokenSource _changed = new();

    private DenialList(string? path, ImmutableHashSet<SpiffeId> denied) => (_path, _denied) = (path, denied);

    /// <summary>An empty list that lives in memory.</summary>
    public DenialList() : this(null, [])
    {
    }

    /// <summary>All that is denied.</summary>
    public IReadOnlyCollection<SpiffeId> Denied => _denied;

    /// <summary>Fires once, when the list has changed.</summary>
    public IChangeToken ChangeToken => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Reads the list from a file; none there is an empty list.</summary>
    /// <exception cref="AuthorityStateException">A line is no SPIFFE ID: whom it meant to deny nobody can tell.</exception>
    public static DenialList Open(string path)
    {
        if (!File.Exists(path))
        {
            return new(path, []);
        }

        var denied = new List<SpiffeId>();
        foreach (var line in File.ReadLines(path).Where(l => l.Length > 0))
        {
            denied.Add(SpiffeId.TryParse(line, out var id) ? id : throw new AuthorityStateException(path, $"'{line}' in the list of denied identities is no SPIFFE ID"));
        }

        return new(path, [.. denied]);
    }

    /// <summary>True when the identity is denied.</summary>
    public bool Denies(SpiffeId id) => _denied.Contains(id);

    /// <summary>Denies an identity; it is stored before this returns.</summary>
    /// <returns>False when it was denied before.</returns>
    public bool Add(SpiffeId id) => Replace(denied => denied.Add(id));

    /// <summary>Lifts a denial.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(SpiffeId id) => Replace(denied => denied.Remove(id));

    /// <summary>Denies these and no others: a copy of a list that is kept elsewhere.</summary>
    public void Set(IEnumerable<SpiffeId> ids)
    {
        var wanted = ids.ToImmutableHashSet();
        Replace(denied => denied.SetEquals(wanted) ? denied : wanted);
    }

    private bool Replace(Func<ImmutableHashSet<SpiffeId>, ImmutableHashSet<SpiffeId>> change)
    {
        CancellationTokenSource fired;
        lock (_gate)
        {
            var after = change(_denied);
            if (ReferenceEquals(after, _denied))
            {
                return false;
            }

            Write(after);
            _denied = after;
            fired = Interlocked.Exchange(ref _changed, new());
        }

        fired.Cancel();
        return true;
    }

    private void Write(ImmutableHashSet<SpiffeId> denied)
    {
        if (_path is null)
        {
            return;
        }

        var temporary = _path + ".new";
        File.WriteAllLines(temporary, denied.Select(id => id.ToString()).Order(StringComparer.Ordinal));
        File.Move(temporary, _path, overwrite: true);
    }
}
