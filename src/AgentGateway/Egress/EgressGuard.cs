using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Castellan.Models;

namespace Castellan.AgentGateway.Egress;

/// <summary>
/// Makes the gateway's connections to the world outside. A name is resolved once, all its addresses are checked, and one of exactly these is
/// connected to, so that an answer of DNS that changes between check and use changes nothing. Redirects are not followed and proxies of the
/// environment not used: both would lead elsewhere than what was checked.
/// </summary>
/// <param name="rules">What may be connected to.</param>
/// <param name="resolve">Gives the addresses of a name.</param>
internal sealed class EgressGuard(EgressRules rules, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    internal EgressGuard(EgressOptions options)
        : this(new EgressRules(options), Dns.GetHostAddressesAsync)
    {
    }

    /// <summary>By what certificates of servers are judged; null: by what the platform trusts.</summary>
    internal X509ChainPolicy? Trust { get; init; }

    /// <summary>A handler whose connections go through the guard.</summary>
    internal SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false, // many people share a connection, and none shall be told by what another one was given
        SslOptions = { CertificateChainPolicy = Trust },
        ConnectCallback = ConnectAsync,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // so that rules and names are asked again
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolve(host, ct);
        if (rules.FaultOf(context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps, host, addresses) is { } fault)
        {
            throw new DestinationRefusedException(fault);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }
}
