using System.Net;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Exchange;

/// <summary>The token endpoint: mutual TLS with the gateway alone.</summary>
internal sealed class TokenEndpoint : IAsyncDisposable
{
    private const int LongestRequest = 64 << 10;
    private readonly WebApplication _app;
    private readonly AuthorityX509Source _source;

    private TokenEndpoint(WebApplication app, AuthorityX509Source source)
    {
        (_app, _source) = (app, source);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public static async Task<TokenEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var self = SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath);
        var gateway = SpiffeId.FromPath(authority.TrustDomain, options.Exchange.GatewayIdPath);
        var source = new AuthorityX509Source(authority, self);
        try
        {
            var exchange = new TokenExchange(authority, self, gateway, loggers.CreateLogger<TokenExchange>());
            var builder = ServiceHost.CreateBuilder();
            builder.Services.AddSingleton(loggers);
            var admitted = SpiffeAuthorizer.Exactly(gateway).ExceptDenied(authority.Denials);
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Limits.MaxRequestBodySize = LongestRequest;
                kestrel.Listen(IPEndPoint.Parse(options.Exchange.Endpoint), listen =>
                    listen.UseHttps(SpiffeTls.Server(source, admitted, authority.Clock, loggers.CreateLogger(typeof(SpiffeTls).FullName!))));
            });
            var app = builder.Build();
            app.MapPost(ExchangeProtocol.Path, (Delegate)((HttpContext context) => AnswerAsync(context, exchange)));
            await app.StartAsync(ct).ConfigureAwait(false);
            return new(app, source);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
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
