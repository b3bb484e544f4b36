using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Federation;

/// <summary>Fetches the bundle of a foreign trust domain, once it has been proven whose endpoint answers.</summary>
/// <remarks>Source: SPIFFE Federation standard, sections 5.1 and 5.2: no client authentication; redirects are followed with the same checks and never remembered.</remarks>
/// <param name="webRoots">CAs beside the system's that endpoints of profile https_web may have their certificate from; null for none.</param>
/// <param name="clock">Clock of the validity checks.</param>
internal sealed class BundleClient(X509Certificate2Collection? webRoots, TimeProvider clock)
{
    private const int MostRedirects = 3;
    private const int LongestBytes = 4 << 20;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>Fetches with profile https_web: the endpoint proves the URL's host name to the Web PKI.</summary>
    /// <exception cref="BundleFetchException">It could not be fetched.</exception>
    public async Task<byte[]> FetchWebAsync(Uri url, CancellationToken ct)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (webRoots is { Count: > 0 })
        {
            handler.SslOptions.CertificateChainPolicy = Policy(webRoots);
        }

        return await FetchAsync(url, handler, ct).ConfigureAwait(false);
    }

    /// <summary>Fetches with profile https_spiffe: the endpoint proves exactly this SPIFFE ID, by the newest bundle held.</summary>
    /// <exception cref="BundleFetchException">It could not be fetched.</exception>
    public async Task<byte[]> FetchSpiffeAsync(Uri url, SpiffeId endpoint, X509Bundle bundle, CancellationToken ct)
    {
        using var handler = SpiffeTls.CreateHandler(() => new(bundle), SpiffeAuthorizer.Exactly(endpoint), clock);
        return await FetchAsync(url, handler, ct).ConfigureAwait(false);
    }

    private static async Task<byte[]> FetchAsync(Uri url, SocketsHttpHandler handler, CancellationToken ct)
    {
        using var http = new HttpClient(handler, disposeHandler: false) { Timeout = s_timeout, MaxResponseContentBufferSize = LongestBytes };
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var response = await http.GetAsync(url, ct).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return await response.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
                }

                url = Next(url, response, redirects);
            }
        }
        catch (HttpRequestException e)
        {
            var isRefused = e.InnerException is AuthenticationException || e.HttpRequestError == HttpRequestError.SecureConnectionError;
            var cause = e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
            throw isRefused
                ? new BundleFetchException(BundleFetchFault.EndpointRefused, $"{url} does not prove that it is the endpoint: {cause}", e)
                : new BundleFetchException(BundleFetchFault.EndpointUnreachable, $"{url} does not answer: {cause}", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new BundleFetchException(BundleFetchFault.EndpointUnreachable, $"{url} has not answered in {s_timeout.TotalSeconds:0} s; check the URL and the network", e);
        }
    }

    private static Uri Next(Uri url, HttpResponseMessage response, int redirects)
    {
        if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location)
        {
            throw new BundleFetchException(BundleFetchFault.EndpointUnreachable, $"{url} answers with status {(int)response.StatusCode}; correct the URL, or ask who runs it");
        }

        var next = new Uri(url, location);
        return redirects < MostRedirects && next.Scheme == Uri.UriSchemeHttps && next.UserInfo.Length == 0
            ? next
            : throw new BundleFetchException(BundleFetchFault.EndpointRefused, $"{url} redirects to {next}, which is no bundle endpoint's URL or one redirect too many; correct the URL");
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(store.Certificates);
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}

/// <summary>Why a bundle could not be fetched.</summary>
internal enum BundleFetchFault
{
    /// <summary>Nobody answers, or not with a bundle.</summary>
    EndpointUnreachable,

    /// <summary>Somebody answers who is not the endpoint.</summary>
    EndpointRefused,
}

/// <summary>A bundle could not be fetched.</summary>
internal sealed class BundleFetchException(BundleFetchFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public BundleFetchFault Fault { get; } = fault;
}
