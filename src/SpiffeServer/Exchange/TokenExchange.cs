using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeServer.Exchange;

/// <summary>Turns what the gateway's run record says into a token for one tool server.</summary>
/// <remarks>
/// Source: RFC 8693. The subject is the one that the run is for, the actor is the agent. What comes out is bound to the certificate
/// that the gateway shows on this very connection (RFC 8705), so a token that leaks is of no use to anybody else.
/// </remarks>
/// <param name="authority">Who signs.</param>
/// <param name="self">Our own ID, for which statements must be made.</param>
/// <param name="gateway">Who alone may ask.</param>
/// <param name="logger">Told of every exchange and every refusal.</param>
internal sealed partial class TokenExchange(Authority authority, SpiffeId self, SpiffeId gateway, ILogger logger)
{
    private static readonly string[] s_known = ["grant_type", "subject_token", "subject_token_type", "actor_token", "actor_token_type", "audience", "requested_token_type", "resource", "scope"];

    /// <summary>Answers a request.</summary>
    /// <param name="form">The parameters.</param>
    /// <param name="peer">Who asks, as the handshake proved.</param>
    /// <param name="thumbprint">Thumbprint of the certificate that it showed.</param>
    /// <exception cref="ExchangeException">There is no token; why is for the caller to read.</exception>
    public ExchangedToken Exchange(IFormCollection form, SpiffeId? peer, string? thumbprint)
    {
        try
        {
            if (peer != gateway || thumbprint is null)
            {
                throw new ExchangeException(ExchangeException.InvalidClient, $"{peer?.ToString() ?? "nobody"} asks; only {gateway} may exchange tokens");
            }

            var wanted = Read(form, thumbprint);
            var (token, issued) = authority.IssueDelegation(wanted);
            LogExchanged(logger, issued.Subject, issued.Actors.FirstOrDefault()?.ToString() ?? "nobody else", issued.Audience, issued.Run ?? "none", issued.Expiry);
            return new(token, ExchangeProtocol.AccessToken, "Bearer", (long)(issued.Expiry - authority.Now).TotalSeconds);
        }
        catch (ExchangeException e)
        {
            LogRefused(logger, e.Error, e.Message);
            throw;
        }
        catch (Exception e) when (e is DelegationException or IdentityDeniedException or ArgumentException)
        {
            var refusal = new ExchangeException(ExchangeException.InvalidRequest, Words(e), e);
            LogRefused(logger, refusal.Error, refusal.Message);
            throw refusal;
        }
    }

    private DelegatedAuthority Read(IFormCollection form, string thumbprint)
    {
        if (s_known.FirstOrDefault(name => form[name].Count > 1) is { } twice)
        {
            throw twice == "audience"
                ? new ExchangeException(ExchangeException.InvalidTarget, $"there are {form[twice].Count} audiences; ask for one token per audience")
                : Invalid($"{twice} is given {form[twice].Count} times; give it once");
        }

        if (Text(form["grant_type"]) is var grant && grant != ExchangeProtocol.Grant)
        {
            throw grant is null ? Invalid($"grant_type is missing; set it to {ExchangeProtocol.Grant}") : new ExchangeException(ExchangeException.UnsupportedGrantType, $"grant_type is '{grant}'; only {ExchangeProtocol.Grant} is served here");
        }

        CheckWishes(form);
        var audience = Audience(Text(form["audience"]));
        var subject = Party(form, "subject") ?? throw Invalid("subject_token is missing; send the statement on whom the call is for");
        var actor = Party(form, "actor");
        var now = authority.Now;
        if (subject.LoginExpiry <= now)
        {
            throw Invalid($"the login of {subject.Subject} ended at {subject.LoginExpiry:O}; they must log in and start again");
        }

        return new()
        {
            Subject = subject.Subject,
            Groups = subject.Groups,
            Actors = Actors(subject, actor),
            Audience = audience,
            Client = gateway,
            CertificateThumbprint = thumbprint,
            Run = subject.Run,
            Expiry = subject.LoginExpiry ?? DateTimeOffset.MaxValue,
        };
    }

    /// <summary>What RFC 8693 lets a client wish for besides, and what there is.</summary>
    private static void CheckWishes(IFormCollection form)
    {
        if (Text(form["requested_token_type"]) is { } type && type is not (ExchangeProtocol.AccessToken or ExchangeProtocol.Jwt))
        {
            throw Invalid($"requested_token_type is '{type}'; only {ExchangeProtocol.AccessToken} is issued");
        }

        if (Text(form["resource"]) is { } resource)
        {
            throw new ExchangeException(ExchangeException.InvalidTarget, $"resource is '{resource}'; name the tool server by its SPIFFE ID in audience");
        }

        if (Text(form["scope"]) is { } scope)
        {
            throw new ExchangeException(ExchangeException.InvalidScope, $"scope is '{scope}'; there are no scopes: policy decides at every call");
        }
    }

    private SpiffeId Audience(string? text)
    {
        if (text is null)
        {
            throw Invalid("audience is missing; name the tool server by its SPIFFE ID");
        }

        if (!SpiffeId.TryParse(text, out var audience) || audience.Path.Length == 0 || audience.TrustDomain != authority.TrustDomain)
        {
            throw new ExchangeException(ExchangeException.InvalidTarget, $"audience is '{text}'; name a workload of {authority.TrustDomain} by its SPIFFE ID");
        }

        return audience == gateway || audience == self || authority.Denials.Denies(audience)
            ? throw new ExchangeException(ExchangeException.InvalidTarget, $"no tokens are issued for {audience}; name a tool server that is not denied")
            : audience;
    }

    private PartyStatement? Party(IFormCollection form, string party)
    {
        var (token, type) = (Text(form[$"{party}_token"]), Text(form[$"{party}_token_type"]));
        if (token is null && type is null)
        {
            return null;
        }

        if (token is null || type != ExchangeProtocol.Jwt)
        {
            throw Invalid($"{party}_token and {party}_token_type belong together, and the type is '{type}'; set it to {ExchangeProtocol.Jwt}");
        }

        try
        {
            return PartyStatement.Verify(token, gateway, self, new(authority.Bundle.X509), authority.Now);
        }
        catch (DelegationException e)
        {
            throw Invalid($"the {party}_token is not taken: {e.Message}", e);
        }
    }

    /// <summary>The agent that acts now, before those that the subject's own record names.</summary>
    private static IReadOnlyList<SpiffeId> Actors(PartyStatement subject, PartyStatement? actor)
    {
        if (actor is null)
        {
            return subject.Actors.Count == 0 ? [] : throw Invalid("the subject_token names actors and there is no actor_token; say who acts now");
        }

        if (actor.Run != subject.Run || actor.Run is null)
        {
            throw Invalid($"the subject's run is '{subject.Run}' and the actor's '{actor.Run}'; nobody acts in one run with the authority of another");
        }

        return SpiffeId.TryParse(actor.Subject, out var id) && id.Path.Length > 0 && actor.Actors.Count == 0
            ? [id, .. subject.Actors]
            : throw Invalid($"the actor is '{actor.Subject}'; name the agent by its SPIFFE ID and put the chain into the subject_token");
    }

    private static string? Text(StringValues values) => values is [{ Length: > 0 } text] ? text : null;

    private static string Words(Exception e) => e is ArgumentException { ParamName: not null } ? e.Message[..e.Message.LastIndexOf(" (Parameter", StringComparison.Ordinal)] : e.Message;

    private static ExchangeException Invalid(string description, Exception? inner = null) => new(ExchangeException.InvalidRequest, description, inner);

    [LoggerMessage(Level = LogLevel.Information, Message = "Delegated: {Subject}'s authority, exercised by {Actor}, at {Audience}, run {RunId}, until {NotAfter:O}")]
    private static partial void LogExchanged(ILogger logger, string subject, string actor, SpiffeId audience, string runId, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a token exchange ({Error}): {Problem}")]
    private static partial void LogRefused(ILogger logger, string error, string problem);
}
