using System.Net.Sockets;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>Unix sockets: a restarted sidecar is found where it was, and no port is taken from anybody.</summary>
internal static class SidecarSocket
{
    public static async ValueTask<Stream> ConnectAsync(IReadOnlyList<string> paths, CancellationToken ct)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths[i]), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException || i == paths.Count - 1)
                {
                    throw;
                }
            }
        }
    }
}
