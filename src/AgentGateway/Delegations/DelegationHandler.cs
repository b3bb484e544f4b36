using System.Net;
using System.Net.Http.Headers;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>
/// Sends requests to one tool server over mutual TLS. One that says whose authority it needs gets the token that is bound to the
/// certificate of the very connection it is sent on.
/// </summary>
/// <param name="connections">To the tool server; owned.</param>
/// <param name="tokens">Gets tokens; null where the installation has no token exchange.</param>
internal sealed class DelegationHandler(SvidConnections connections, DelegationTokens? tokens) : HttpMessageHandler
{
    /// <exception cref="DelegationFailedException">There is no token; nothing was sent.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pool = Pool();
        if (tokens is null || !request.Options.TryGetValue(DelegationRequest.Option, out var wanted))
        {
            return await pool.Http.SendAsync(request, cancellationToken);
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(wanted, pool.Svid, cancellationToken));
        var response = await pool.Http.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            tokens.Forget(wanted, pool.Svid); // whatever it did not like of this one, the next is a new one
        }

        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connections.Dispose();
        }

        base.Dispose(disposing);
    }

    private SvidConnections.Pool Pool()
    {
        try
        {
            return connections.Current;
        }
        catch (SvidUnavailableException e)
        {
            throw new HttpRequestException(HttpRequestError.SecureConnectionError, e.Message, e);
        }
    }
}
