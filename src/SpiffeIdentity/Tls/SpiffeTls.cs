using System.Buffers.Text;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeIdentity;

/// <summary>Mutual TLS with X.509-SVIDs, for Kestrel and for HttpClient. Host names play no part: the SPIFFE ID alone counts.</summary>
/// <remarks>
/// Every handshake reads the source's current SVID and bundles, so rotation needs no restart and breaks no standing connection.
/// Sessions are not resumed: each connection proves its identity anew.
/// </remarks>
public static partial class SpiffeTls
{
    internal const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;
    private static readonly object s_peerKey = new();
    private static readonly object s_certificateKey = new();

    /// <summary>What <c>ListenOptions.UseHttps</c> takes to demand a client X.509-SVID that the authorizer allows.</summary>
    /// <param name="source">Our SVID and the bundles we believe.</param>
    /// <param name="authorizer">Who may connect.</param>
    /// <param name="clock">Clock of the validity checks; null takes the system's.</param>
    /// <param name="logger">Told of every refused peer.</param>
    /// <param name="denied">Peers that are let in no more; their standing connections are closed by it. Null denies nobody.</param>
    /// <param name="refused">Told of every refused peer, in its handshake: it must not wait.</param>
    public static TlsHandshakeCallbackOptions Server(
        IX509Source source, SpiffeAuthorizer authorizer, TimeProvider? clock = null, ILogger? logger = null, DeniedPeers? denied = null, Action<RefusedPeer>? refused = null)
    {
        authorizer = denied is null ? authorizer : authorizer.ExceptDenied(denied.List);
        var verification = new PeerVerification(() => source.Current.Bundles, authorizer, clock ?? TimeProvider.System);
        void Refuse(RefusedPeer peer)
        {
            LogRefused(logger ?? NullLogger.Instance, peer.Remote, peer.Reason);
            refused?.Invoke(peer);
        }

        return new()
        {
            OnConnection = context => ValueTask.FromResult(ServerOptions(context, source, verification, (denied, Refuse))),
        };
    }

    /// <summary>What <c>ListenOptions.UseHttps</c> takes to show our SVID without asking for the client's.</summary>
    /// <remarks>For listeners that authenticate otherwise, such as the bundle endpoint (profile https_spiffe).</remarks>
    public static TlsHandshakeCallbackOptions ServerWithoutClientCertificate(IX509Source source) => new()
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = source.Current.Svid.TlsContext,
            EnabledSslProtocols = Protocols,
            AllowTlsResume = false,
        }),
    };

    /// <summary>A handler for HttpClient or <c>GrpcChannel</c> that shows our SVID and talks only to servers the authorizer allows.</summary>
    /// <param name="source">Our SVID and the bundles we believe.</param>
    /// <param name="authorizer">Which servers may answer; name the exact ID wherever it is known.</param>
    /// <param name="clock">Clock of the validity checks; null takes the system's.</param>
    /// <returns>A handler that never uses a proxy, never follows redirects and keeps no cookies.</returns>
    public static SocketsHttpHandler CreateHandler(IX509Source source, SpiffeAuthorizer authorizer, TimeProvider? clock = null) =>
        SpiffeClientHandler.Create(source, new PeerVerification(() => source.Current.Bundles, authorizer, clock ?? TimeProvider.System));

    /// <summary>A handler that shows nothing of ours and talks only to servers that prove an allowed SPIFFE ID.</summary>
    /// <remarks>For whoever has no SVID yet, and for bundle endpoints (profile https_spiffe), which ask for none.</remarks>
    /// <param name="bundles">The bundles that are believed; asked in every handshake.</param>
    /// <param name="authorizer">Which servers may answer; name the exact ID wherever it is known.</param>
    /// <param name="clock">Clock of the validity checks; null takes the system's.</param>
    public static SocketsHttpHandler CreateHandler(Func<X509BundleSet> bundles, SpiffeAuthorizer authorizer, TimeProvider? clock = null) =>
        SpiffeClientHandler.Create(source: null, new PeerVerification(bundles, authorizer, clock ?? TimeProvider.System));

    /// <summary>The verified SPIFFE ID of the peer of this connection; null when the listener asked for none.</summary>
    public static SpiffeId? PeerSpiffeId(this HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } feature && feature.Items.TryGetValue(s_peerKey, out var id) ? id as SpiffeId : null;

    /// <summary>Thumbprint of the certificate that the peer proved to hold the key of; null when the listener asked for none.</summary>
    /// <remarks>Source: RFC 8705, section 3.1: base64url of the SHA-256 of the DER certificate.</remarks>
    public static string? PeerThumbprint(this HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } feature && feature.Items.TryGetValue(s_certificateKey, out var value) ? value as string : null;

    /// <summary>The thumbprint of a certificate as tokens name it (<c>x5t#S256</c>).</summary>
    public static string ThumbprintOf(X509Certificate certificate) => Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256));

    internal static X509ChainPolicy NoPlatformChain() => new()
    {
        // The platform builds a chain before it asks us; ours alone decides, so its own may neither download nor judge.
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    private static SslServerAuthenticationOptions ServerOptions(
        TlsHandshakeCallbackContext context, IX509Source source, PeerVerification verification, (DeniedPeers? Denied, Action<RefusedPeer> Refuse) watch) => new()
    {
        ServerCertificateContext = source.Current.Svid.TlsContext,
        ClientCertificateRequired = true,
        EnabledSslProtocols = Protocols,
        AllowTlsResume = false,
        CertificateChainPolicy = NoPlatformChain(),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            var verdict = verification.Check(certificate, chain);
            if (verdict.Refusal is { } reason)
            {
                watch.Refuse(new(verdict.Proven, context.Connection.RemoteEndPoint, reason));
                return false;
            }

            var id = verdict.Proven!;
            context.Connection.Items[s_peerKey] = id;
            context.Connection.Items[s_certificateKey] = ThumbprintOf(certificate!);
            return watch.Denied?.Admit(id, context.Connection) ?? true;
        },
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a TLS peer from {Remote}: {Reason}")]
    private static partial void LogRefused(ILogger logger, System.Net.EndPoint? remote, string reason);
}
