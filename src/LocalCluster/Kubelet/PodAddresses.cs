using System.Net;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Gives every pod a loopback address of its own, from x.x.0.2 to x.x.255.254 of its range.</summary>
internal sealed class PodAddresses(LoopbackRange range)
{
    private const int First = 2;
    private const int Last = (255 << 8) | 254;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, string> _taken = [];
    private int _next = First;

    /// <summary>The address of a pod; the one it had, if that is free.</summary>
    public string Take(string podUid, string? wanted)
    {
        lock (_gate)
        {
            if (Parse(wanted) is { } had && _taken.TryAdd(had, podUid)) return wanted!;
            // Round robin, so that an address just freed is not given to another pod at once.
            for (var tries = First; tries <= Last; tries++)
            {
                var number = _next;
                _next = _next == Last ? First : _next + 1;
                if ((number & 0xff) is 0 or 255 || !_taken.TryAdd(number, podUid)) continue;
                return $"{range.PodPrefix}{number >> 8}.{number & 0xff}";
            }
        }
        throw new InvalidOperationException($"all addresses of {range.PodCidr} are taken; delete pods");
    }

    public void Give(string? address, string podUid)
    {
        lock (_gate)
        {
            if (Parse(address) is { } number && _taken.TryGetValue(number, out var owner) && owner == podUid) _taken.Remove(number);
        }
    }

    private int? Parse(string? address) =>
        address is not null && address.StartsWith(range.PodPrefix, StringComparison.Ordinal) && IPAddress.TryParse(address, out var ip) && ip.GetAddressBytes() is [_, _, var high, var low]
            ? (high << 8) | low
            : null;
}
