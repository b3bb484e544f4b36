using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>Exchanges what the gateway knows of a call for a token (RFC 8693), at the authority's token endpoint.</summary>
internal sealed class TokenExchangeClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Uri _endpoint;
    private readonly SpiffeId _authority;
    private readonly TimeProvider _clock;
    private readonly SvidConnections _connections;

    /// <param name="endpoint">URL of the token endpoint.</param>
    /// <param name="authority">Who must answer there.</param>
    /// <param name="identity">The gateway's identity.</param>
    /// <param name="clock">Clock of statements and time-outs.</param>
    public TokenExchangeClient(Uri endpoint, SpiffeId authority, IX509Source identity, TimeProvider clock)
    {
        (_endpoint, _authority, _clock) = (endpoint, authority, clock);
        _connections = new(identity, SpiffeAuthorizer.Exactly(authority));
    }

    /// <summary>Gets a token that is bound to an SVID.</summary>
    /// <exception cref="DelegationFailedException">There is none.</exception>
    internal async Task<HeldToken> ExchangeAsync(DelegationRequest request, X509Svid svid)
    {
        using var timeout = new CancellationTokenSource(Patience, _clock);
        try
        {
            var pool = _connections.Current;
            if (!ReferenceEquals(pool.Svid, svid))
            {
                throw new DelegationFailedException("the gateway's SVID was renewed this moment; try again", isFinal: false);
            }

            var asked = _clock.GetUtcNow();
            using var message = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new FormUrlEncodedContent(Form(request, svid, asked)) };
            using var response = await pool.Http.SendAsync(message, timeout.Token);
            return response.IsSuccessStatusCode
                ? Held((await response.Content.ReadFromJsonAsync<Answer>(timeout.Token))!, asked)
                : throw await RefusedAsync(request, response, timeout.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or SvidUnavailableException)
        {
            throw new DelegationFailedException($"{_authority} gives no token now: {e.Message}; see that the identity authority runs", isFinal: false, e);
        }
    }

    public void Dispose() => _connections.Dispose();

    private List<KeyValuePair<string, string>> Form(DelegationRequest request, X509Svid svid, DateTimeOffset now)
    {
        var subject = new PartyStatement { Subject = request.Subject, Groups = request.Groups, Run = request.Run, LoginExpiry = request.LoginExpiresAt };
        List<KeyValuePair<string, string>> form =
        [
            new("grant_type", ExchangeProtocol.Grant), new("audience", request.Audience.ToString()), new("requested_token_type", ExchangeProtocol.AccessToken),
            new("subject_token", subject.Sign(svid, _authority, now)), new("subject_token_type", ExchangeProtocol.Jwt),
        ];
        if (request.Actor is { } agent)
        {
            form.Add(new("actor_token", new PartyStatement { Subject = agent.ToString(), Run = request.Run }.Sign(svid, _authority, now)));
            form.Add(new("actor_token_type", ExchangeProtocol.Jwt));
        }

        return form;
    }

    private static HeldToken Held(Answer answer, DateTimeOffset asked)
    {
        var life = TimeSpan.FromSeconds(answer.ExpiresIn);
        return new(answer.AccessToken, asked + life, asked + life * 0.8);
    }

    private static async Task<DelegationFailedException> RefusedAsync(DelegationRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        var problem = (int)response.StatusCode < 500 && response.Content.Headers.ContentType?.MediaType == "application/json" ? await response.Content.ReadFromJsonAsync<Problem>(ct) : null;
        return new($"no authority of {request.Subject} is delegated at {request.Audience}: {problem?.Description ?? $"HTTP {(int)response.StatusCode}"}", isFinal: problem is not null);
    }

    private sealed record Answer([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] long ExpiresIn);

    private sealed record Problem([property: JsonPropertyName("error_description")] string? Description);
}

/// <summary>A token as it is kept. Secret.</summary>
/// <param name="Text">The token.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="RenewAt">From when a new one is asked for.</param>
internal sealed record HeldToken(string Text, DateTimeOffset ExpiresAt, DateTimeOffset RenewAt)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => $"token until {ExpiresAt:O}";
}
