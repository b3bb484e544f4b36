using System.Net.Security;
using System.Net.Sockets;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Kubelet.Probes;

/// <summary>Makes the network checks of probes.</summary>
/// <remarks>Messages follow the real kubelet's, because people and agents search for them.</remarks>
internal sealed class ProbeClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        // A probe that reuses a connection would not notice that nobody accepts new ones.
        PooledConnectionLifetime = TimeSpan.Zero,
        // Probes over HTTPS are not verified (Kubernetes API reference, HTTPGetAction.scheme).
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose() => _http.Dispose();

    public async Task<ProbeResult> HttpAsync(HttpGetAction get, string podIp, Container container, CancellationToken ct)
    {
        var url = $"{(get.Scheme ?? "HTTP").ToLowerInvariant()}://{get.Host ?? podIp}:{Port(get.Port, container)}/{(get.Path ?? "/").TrimStart('/')}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.34");
            foreach (var header in get.HttpHeaders ?? []) request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var code = (int)response.StatusCode;
            return new ProbeResult(code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(false, $"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException)
        {
            return new ProbeResult(false, $"Get \"{url}\": {Cause(e, get.Host ?? podIp, Port(get.Port, container))}");
        }
    }

    public static async Task<ProbeResult> TcpAsync(TcpSocketAction tcp, string podIp, Container container, CancellationToken ct)
    {
        var (host, port) = (tcp.Host ?? podIp, Port(tcp.Port, container));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, ct);
            return new ProbeResult(true, "");
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(false, $"dial tcp {host}:{port}: i/o timeout");
        }
        catch (SocketException e)
        {
            return new ProbeResult(false, Cause(e, host, port));
        }
    }

    private static string Cause(Exception e, string host, int port) => (e as SocketException ?? e.InnerException as SocketException) is { } socket
        ? $"dial tcp {host}:{port}: connect: {(socket.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : socket.Message.ToLowerInvariant())}"
        : e.Message;

    private static int Port(IntOrString port, Container container) => port.Number
        ?? container.Ports?.FirstOrDefault(p => p.Name == port.Text)?.Port
        ?? (int.TryParse(port.Text, out var number) ? number : 0);
}
