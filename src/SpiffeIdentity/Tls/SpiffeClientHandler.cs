using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Castellan.SpiffeIdentity;

/// <summary>Connects, does the handshake with the SVID of that moment (or with none), and hands the TLS stream to the HTTP stack.</summary>
internal static class SpiffeClientHandler
{
    /// <summary>Idle connections older than this are replaced, so that new requests soon use a rotated SVID.</summary>
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(15);

    public static SocketsHttpHandler Create(IX509Source? source, PeerVerification verification) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = s_connectionLifetime,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = async (context, ct) => await ConnectAsync(context, source, verification, ct).ConfigureAwait(false),
    };

    private static async Task<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, IX509Source? source, PeerVerification verification, CancellationToken ct)
    {
        if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps)
        {
            throw new HttpRequestException($"{context.InitialRequestMessage.RequestUri} is not https; this client speaks mutual TLS only");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, ct).ConfigureAwait(false);
            return await HandshakeAsync(new NetworkStream(socket, ownsSocket: true), context, source, verification, ct).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> HandshakeAsync(
        NetworkStream network, SocketsHttpConnectionContext context, IX509Source? source, PeerVerification verification, CancellationToken ct)
    {
        var refusal = "";
        var tls = new SslStream(network);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = context.DnsEndPoint.Host,
            ClientCertificateContext = source?.Current.Svid.TlsContext,
            EnabledSslProtocols = SpiffeTls.Protocols,
            AllowTlsResume = false,
            ApplicationProtocols = ApplicationProtocols(context.InitialRequestMessage),
            CertificateChainPolicy = SpiffeTls.NoPlatformChain(),
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => (refusal = verification.Check(certificate, chain).Refusal ?? "").Length == 0,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, ct).ConfigureAwait(false);
            return tls;
        }
        catch (AuthenticationException e) when (refusal.Length > 0)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw new AuthenticationException($"refused {context.DnsEndPoint.Host}:{context.DnsEndPoint.Port}: {refusal}", e);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static List<SslApplicationProtocol> ApplicationProtocols(HttpRequestMessage request) => request switch
    {
        { VersionPolicy: HttpVersionPolicy.RequestVersionExact, Version.Major: 2 } => [SslApplicationProtocol.Http2],
        { VersionPolicy: HttpVersionPolicy.RequestVersionOrHigher } or { Version.Major: >= 2 } => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        _ => [SslApplicationProtocol.Http11],
    };
}
