using System.Net;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Gives every pod a loopback address of its own: 127.64.0.2 to 127.64.255.254.</summary>
internal sealed class PodAddresses
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
                return $"127.64.{number >> 8}.{number & 0xff}";
            }
        }
        throw new InvalidOperationException("all addresses 127.64.0.0/16 are taken; delete pods");
    }

    public void Give(string? address, string podUid)
    {
        lock (_gate)
        {
            if (Parse(address) is { } number && _taken.TryGetValue(number, out var owner) && owner == podUid) _taken.Remove(number);
        }
    }

    private static int? Parse(string? address) =>
        IPAddress.TryParse(address, out var ip) && ip.GetAddressBytes() is [127, 64, var high, var low] ? (high << 8) | low : null;
}
