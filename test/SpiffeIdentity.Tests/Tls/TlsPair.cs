using System.Net;
using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity.Tests.Tls;

/// <summary>A real Kestrel that answers with its peer's SPIFFE ID.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    /// <summary>Answers with the caller's SPIFFE ID over gRPC.</summary>
    public static readonly GrpcMethod<JWTBundlesRequest, ValidateJWTSVIDResponse> PeerMethod = new("Echo", "Peer", JWTBundlesRequest.Parser, ValidateJWTSVIDResponse.Parser);

    private readonly WebApplication _app;

    private TlsPair(WebApplication app, Uri address) => (_app, Address) = (app, address);

    public Uri Address { get; }

    public static async Task<TlsPair> StartAsync(TlsHandshakeCallbackOptions tls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(tls)));
        var app = builder.Build();
        app.MapGet("/peer", (HttpContext context) => $"{context.PeerSpiffeId()} {context.Request.Protocol} {context.Connection.Id}");
        app.MapGet("/stream", async (HttpContext context, CancellationToken ct) =>
        {
            await context.Response.WriteAsync("begun\n", ct);
            await context.Response.Body.FlushAsync(ct);
            await Task.Delay(Timeout.Infinite, ct);
        });
        app.MapGrpc(new GrpcService("Echo").Unary(PeerMethod, (_, call) => Task.FromResult(new ValidateJWTSVIDResponse { SpiffeId = $"{call.HttpContext.PeerSpiffeId()}" })));
        await app.StartAsync();
        return new(app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
    }

    public HttpClient Client(SocketsHttpHandler handler, Version? version = null) => new(handler)
    {
        BaseAddress = Address,
        DefaultRequestVersion = version ?? HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(20),
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>A source that a test replaces by hand.</summary>
internal sealed class FixedSource(X509Context context) : IX509Source
{
    public X509Context Current { get; set; } = context;

    public bool IsReady => true;

    public IChangeToken ChangeToken => new CancellationChangeToken(CancellationToken.None);

    public static FixedSource Of(Authority authority, string id, params X509Bundle[] federated) =>
        new(new([authority.IssueX509(SpiffeId.Parse(id))], new([authority.Bundle.X509, .. federated])));
}
