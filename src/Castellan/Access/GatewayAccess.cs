using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;
using Castellan.GatewayApi;

namespace Castellan.Cli.Access;

/// <summary>A connection to the gateway of the local system, as one of its users.</summary>
internal sealed class GatewayAccess : IDisposable
{
    private readonly HttpClient _http;
    private readonly X509Certificate2 _authority;

    private GatewayAccess(StatePaths paths, DaemonState daemon, Credential credential)
    {
        Paths = paths;
        Credential = credential;
        _authority = X509Certificate2.CreateFromPem(daemon.CertificateAuthority);
        _http = new HttpClient(TrustingOnly(_authority), disposeHandler: true) { BaseAddress = new Uri(daemon.Gateway!), Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credential.Token);
        Client = new GatewayClient(_http);
    }

    public StatePaths Paths { get; }

    public Credential Credential { get; }

    public GatewayClient Client { get; }

    /// <exception cref="CommandFailure">No local system runs, or the credential does not exist.</exception>
    public static GatewayAccess Open(ParseResult parsed, string? user = null)
    {
        var paths = parsed.Paths();
        return new GatewayAccess(paths, RequireReady(paths), Credential.Load(paths, user ?? parsed.GetValue(GlobalOptions.As)!));
    }

    /// <summary>The running daemon, ready.</summary>
    /// <exception cref="CommandFailure">None runs, or it is still starting.</exception>
    public static DaemonState RequireReady(StatePaths paths) => DaemonState.ReadRunning(paths) switch
    {
        { Phase: DaemonPhase.Ready } ready => ready,
        { } starting => throw new CommandFailure($"the local system is not ready: {starting.Message}", "try again in a moment, or see 'castellan status'"),
        null => throw new CommandFailure($"no local system runs in {paths.Root}", "start it with 'castellan up -d'"),
    };

    /// <summary>A handler that accepts servers of one authority and no other, under the name they were dialled by.</summary>
    public static SocketsHttpHandler TrustingOnly(X509Certificate2 authority) => new()
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck, // the authority of a local system publishes no revocation list
            },
        },
    };

    public void Dispose()
    {
        _http.Dispose();
        _authority.Dispose();
    }
}
