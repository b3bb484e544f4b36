using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Castellan.LocalCluster;

/// <summary>
/// The loopback addresses of one cluster: 127.(64+n).0.0/16 for pods and 127.(96+n).0.0/16 for Services, n below 32. Several clusters on one machine
/// take different ranges; a range is claimed by listening on its first address, so that the kernel frees it however its cluster ends.
/// </summary>
internal sealed class LoopbackRange : IDisposable
{
    private const int Count = 32;
    private const int FirstPods = 64, FirstServices = 96;
    private const int ClaimPort = 10250; // the kubelet's: whoever looks for it finds the right kind of thing
    private const string FileName = "address-range";

    private readonly int _number;
    private readonly Socket? _claim;

    private LoopbackRange(int number, Socket? claim)
    {
        _number = number;
        _claim = claim;
    }

    /// <summary>Range 0, claimed by nobody: for a part of a cluster alone.</summary>
    public static LoopbackRange Unclaimed { get; } = new(0, null);

    /// <summary>Range of the pods, in CIDR form.</summary>
    public string PodCidr => $"{PodPrefix}0.0/16";

    /// <summary>Range of the Services, in CIDR form.</summary>
    public string ServiceCidr => $"{ServicePrefix}0.0/16";

    /// <summary>What every pod's address begins with.</summary>
    public string PodPrefix => $"127.{FirstPods + _number}.";

    /// <summary>What every Service's address begins with.</summary>
    public string ServicePrefix => $"127.{FirstServices + _number}.";

    /// <summary>Claims the range that a cluster had, or for a new one a free range.</summary>
    /// <param name="dataDirectory">The cluster's; remembers the range, because Services keep their addresses.</param>
    /// <exception cref="IOException">The cluster's range, or every range, is used by other clusters on this machine.</exception>
    public static LoopbackRange Claim(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        var file = Path.Combine(dataDirectory, FileName);
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known < Count)
        {
            return TryClaim(known) ?? throw new IOException(
                $"the addresses 127.{FirstPods + known}.0.0/16 of the cluster in {dataDirectory} are in use: it runs already, or another local cluster took them; stop that one first");
        }

        for (var number = 0; number < Count; number++)
        {
            if (TryClaim(number) is { } range)
            {
                File.WriteAllText(file, number.ToString(CultureInfo.InvariantCulture));
                return range;
            }
        }

        throw new IOException($"{Count} local clusters run on this machine and use all of 127.{FirstPods}.0.0 to 127.{FirstServices + Count - 1}.255.255; stop one");
    }

    /// <summary>Frees the range.</summary>
    public void Dispose() => _claim?.Dispose();

    private static LoopbackRange? TryClaim(int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.{FirstPods + number}.0.1"), ClaimPort));
            socket.Listen(1);
            return new(number, socket);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }
}
