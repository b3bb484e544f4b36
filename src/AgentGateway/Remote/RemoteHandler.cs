using System.Net;
using System.Net.Http.Headers;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Egress;
using Castellan.KubeClient;
using Castellan.Models;

namespace Castellan.AgentGateway.Remote;

/// <summary>
/// Speaks to somebody else's server: adds the credential that its spec names, and nothing else that is the gateway's; takes the credential out of all
/// that comes back; and says in words of its own why it was turned away.
/// </summary>
/// <param name="ns">Namespace of the ToolServer and of its Secret.</param>
/// <param name="credential">What the server is shown; null for nothing.</param>
/// <param name="secrets">Where the value comes from.</param>
/// <param name="inner">Makes the connections; owned.</param>
internal sealed class RemoteHandler(string ns, RemoteCredential? credential, GatewaySecrets secrets, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int LongestAnswer = 16 << 20;

    /// <exception cref="RemoteRefusedException">The server did not see the request, or turned it away.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Streams that only listen are the client's own matter: it goes on without them.
        var isRequest = request.Method == HttpMethod.Post;
        var secret = credential is null ? null : await ShowAsync(credential, request, cancellationToken);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (isRequest && DestinationRefusedException.Behind(e) is { } refused)
        {
            throw new RemoteRefusedException(refused.Message, e);
        }

        if (isRequest && RefusalOf(response.StatusCode) is { } problem)
        {
            response.Dispose();
            throw new RemoteRefusedException(problem);
        }

        response.ReasonPhrase = null; // the server's words, which would stand in messages
        var media = response.Content.Headers.ContentType?.MediaType;
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var answer = new RemoteAnswer(body, secret is null ? null : new CredentialMask(secret), LongestAnswer, isEventStream: media == "text/event-stream");
        response.Content = new StreamContent(answer); // length, character set and encoding are those of the original: MCP is UTF-8
        response.Content.Headers.ContentType = media is null ? null : new MediaTypeHeaderValue(media);
        return response;
    }

    private async Task<string> ShowAsync(RemoteCredential named, HttpRequestMessage request, CancellationToken ct)
    {
        var secret = await ReadAsync(named, ct);
        var (header, scheme) = (RemoteServerFaults.HeaderOf(named), RemoteServerFaults.SchemeOf(named));
        request.Headers.Remove(header);
        return request.Headers.TryAddWithoutValidation(header, scheme.Length == 0 ? secret : $"{scheme} {secret}")
            ? secret
            : throw new RemoteRefusedException($"spec.remote.credential.header is '{header}', which is no header of a request; correct it");
    }

    private async Task<string> ReadAsync(RemoteCredential named, CancellationToken ct)
    {
        try
        {
            return (await secrets.ReadAsync(ns, named.Secret, ct))?.Trim() switch
            {
                null => throw new RemoteRefusedException($"Secret '{ns}/{named.Secret.Name}' has no key '{named.Secret.Key}'; create it, or correct spec.remote.credential"),
                var secret when CredentialMask.CanMask(secret) => secret,
                _ => throw new RemoteRefusedException(
                    $"Secret '{ns}/{named.Secret.Name}' holds under '{named.Secret.Key}' what cannot be a credential; put {CredentialMask.Shortest} to {CredentialMask.Longest} visible characters of ASCII there, without spaces"),
            };
        }
        catch (KubeException e) when (e.IsForbidden)
        {
            throw new RemoteRefusedException($"the gateway may not read Secret '{ns}/{named.Secret.Name}'; allow it 'get' on secrets there", e);
        }
    }

    private string? RefusalOf(HttpStatusCode status) => status switch
    {
        >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest =>
            $"the server redirects (HTTP {(int)status}), which is not followed; set spec.remote.url to where it leads, if that is the server's",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when credential is null =>
            $"the server wants a credential (HTTP {(int)status}); name the Secret that holds it in spec.remote.credential",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"the server does not take the credential (HTTP {(int)status}); correct Secret '{ns}/{credential.Secret.Name}' or spec.remote.credential",
        _ => null,
    };
}
