using System.Net;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Exchange;

/// <summary>The token endpoint: mutual TLS with the gateway alone.</summary>
internal static class TokenEndpoint
{
    private const int LongestRequest = 64 << 10;

    public static Task<ServerEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var self = SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath);
        var gateway = SpiffeId.FromPath(authority.TrustDomain, options.Exchange.GatewayIdPath);
        var exchange = new TokenExchange(authority, self, gateway, loggers.CreateLogger<TokenExchange>());
        var admitted = SpiffeAuthorizer.Exactly(gateway).ExceptDenied(authority.Denials);
        return ServerEndpoint.StartAsync(
            authority,
            self,
            (kestrel, source) =>
            {
                kestrel.Limits.MaxRequestBodySize = LongestRequest;
                kestrel.Listen(IPEndPoint.Parse(options.Exchange.Endpoint), listen =>
                    listen.UseHttps(SpiffeTls.Server(source, admitted, authority.Clock, loggers.CreateLogger(typeof(SpiffeTls).FullName!))));
            },
            app => app.MapPost(ExchangeProtocol.Path, (Delegate)((HttpContext context) => AnswerAsync(context, exchange))),
            loggers,
            ct);
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, TokenExchange exchange)
    {
        context.Response.Headers.CacheControl = "no-store"; // RFC 6749, section 5.1
        context.Response.Headers.Pragma = "no-cache";
        try
        {
            return Results.Json(exchange.Exchange(await FormAsync(context).ConfigureAwait(false), context.PeerSpiffeId(), context.PeerThumbprint()));
        }
        catch (ExchangeException e)
        {
            var status = e.Error == ExchangeException.InvalidClient ? StatusCodes.Status401Unauthorized : StatusCodes.Status400BadRequest;
            return Results.Json(new ExchangeError(e.Error, e.Message), statusCode: status);
        }
    }

    private static async Task<IFormCollection> FormAsync(HttpContext context)
    {
        if (!string.Equals(context.Request.ContentType?.Split(';')[0].Trim(), "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            throw new ExchangeException(ExchangeException.InvalidRequest, $"the content type is '{context.Request.ContentType}'; send application/x-www-form-urlencoded");
        }

        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            throw new ExchangeException(ExchangeException.InvalidRequest, $"the parameters cannot be read: {e.Message}; send at most {LongestRequest} bytes", e);
        }
    }
}
