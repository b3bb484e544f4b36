using System.Net;
using System.Security.Cryptography;
using System.Text;
using Castellan.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Cli.Proxy;

/// <summary>
/// A reverse proxy on loopback that adds a credential. Since every process of this machine reaches loopback, and every page in a browser
/// can try to, knowing the address is what lets in: its path begins with 256 random bits. Requests under a foreign name (DNS rebinding)
/// or from a foreign page are refused besides, and no answer ever permits a page of another origin to read it.
/// </summary>
internal sealed class LoopbackProxy : IAsyncDisposable
{
    private const int MaxBodyBytes = 16 << 20;

    private readonly ProxyTarget _target;
    private readonly WebApplication _app;
    private readonly string _path;

    /// <param name="listen">Where to listen; port 0 takes a free one.</param>
    /// <param name="target">Where to forward to, and as whom.</param>
    public LoopbackProxy(IPEndPoint listen, ProxyTarget target)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders(); // standard output is the address, nothing else
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(listen);
        });
        _target = target;
        _path = $"/{WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32))}/mcp";
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>What to give to a client; known once started.</summary>
    public Uri Address => new(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), _path);

    public Task StartAsync(CancellationToken ct) => _app.StartAsync(ct);

    /// <summary>Completes when the process is told to end.</summary>
    public Task WaitAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task ServeAsync(HttpContext context)
    {
        if (!IsOfThisMachine(context.Request))
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Host or Origin is not this machine's loopback; use the address that 'castellan proxy' printed");
        }

        return Same(context.Request.Path.Value ?? "", _path)
            ? _target.Forwarder.ForwardAsync(context, _target.Endpoint, _target.Authorize, why => $"the gateway does not answer: {why}; 'castellan status' tells whether it runs")
            : RefuseAsync(context, StatusCodes.Status404NotFound, "nothing is served here; use the whole address that 'castellan proxy' printed");
    }

    private static bool IsOfThisMachine(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return IsLoopback(request.Host.Host) && (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLoopback(page.Host)));
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // In constant time: how much of a guess is right must not be measurable.
    private static bool Same(string given, string wanted) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(wanted));

    private static Task RefuseAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(problem, context.RequestAborted);
    }
}
