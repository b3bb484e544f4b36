using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Operators;

/// <summary>What an operator on this machine may do: look, mint, rotate, deny. HTTP and JSON over a unix socket.</summary>
/// <remarks>
/// The socket has mode 0600, and the kernel's word on who connected (SO_PEERCRED) is checked as well: the authority's own user and
/// root, nobody else. What is minted here is proof of any identity, so every minting is logged.
/// </remarks>
internal sealed partial class OperatorEndpoint : IAsyncDisposable
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private readonly WebApplication _app;
    private readonly string _path;

    private OperatorEndpoint(WebApplication app, string path) => (_app, _path) = (app, path);

    public static async Task<OperatorEndpoint> StartAsync(Authority authority, string path, ILoggerFactory loggers, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path); // left by a process that was killed: whoever holds the authority's state holds its lock
        var logger = loggers.CreateLogger<OperatorEndpoint>();
        var builder = ServiceHost.CreateBuilder();
        builder.Services.AddSingleton(loggers);
        builder.Services.ConfigureHttpJsonOptions(options => OperatorJson.Configure(options.SerializerOptions));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, listen => listen.Use(next => connection => AdmitAsync(connection, next, logger))));
        var app = builder.Build();
        Map(app, authority, logger);
        await app.StartAsync(ct).ConfigureAwait(false);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(app, path);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        File.Delete(_path);
    }

    private static void Map(WebApplication app, Authority authority, ILogger logger)
    {
        app.MapGet("/v1/authority", () => AuthorityReport.Of(authority));
        app.MapGet("/v1/bundle", () => Results.Bytes(authority.Bundle.Export(), "application/json"));
        app.MapGet("/v1/events", (HttpContext context) => FollowAsync(authority, context));
        app.MapPost("/v1/mint", (MintRequest request) => Answer(() => Mint(authority, request, logger)));
        app.MapPost("/v1/rotate", async (CancellationToken ct) =>
        {
            await authority.RotateSigningCaAsync(ct).ConfigureAwait(false);
            LogRotated(logger, authority.Bundle.Sequence ?? 0);
            return AuthorityReport.Of(authority);
        });
        app.MapPost("/v1/denials", (DenialRequest request) => Answer(() => Deny(authority, request, logger)));
    }

    /// <summary>What the caller got wrong is told as a text with status 400.</summary>
    private static IResult Answer<T>(Func<T> act)
    {
        try
        {
            return Results.Json(act(), OperatorJson.Options);
        }
        catch (Exception e) when (e is SpiffeIdException or ArgumentException or IdentityDeniedException)
        {
            return Results.Text(e is ArgumentException { ParamName: not null } ? e.Message[..e.Message.LastIndexOf(" (Parameter", StringComparison.Ordinal)] : e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static MintedIdentity Mint(Authority authority, MintRequest request, ILogger logger)
    {
        var id = SpiffeId.Parse(request.Id);
        TimeSpan? ttl = request.TtlSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 86_400)) : null;
        if (request.Audience is { Count: > 0 } audience)
        {
            var token = authority.IssueJwt(id, audience, ttl);
            LogMinted(logger, "JWT-SVID", id);
            return new(id.ToString(), token, null, null, null);
        }

        var svid = authority.IssueX509(id, ttl);
        LogMinted(logger, "X.509-SVID", id);
        var key = System.Security.Cryptography.PemEncoding.WriteString("PRIVATE KEY", svid.ExportPkcs8());
        return new(id.ToString(), null, Pem(svid.Chain), key + "\n", Pem(authority.Bundle.X509Authorities));
    }

    private static AuthorityReport Deny(Authority authority, DenialRequest request, ILogger logger)
    {
        var id = SpiffeId.Parse(request.Id);
        _ = request.Lift ? authority.Denials.Remove(id) : authority.Denials.Add(id);
        LogDenied(logger, request.Lift ? "lifted" : "made", id);
        return AuthorityReport.Of(authority);
    }

    private static string Pem(IEnumerable<System.Security.Cryptography.X509Certificates.X509Certificate2> certificates) =>
        string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n"));

    private static async Task FollowAsync(Authority authority, HttpContext context)
    {
        var ct = context.RequestAborted;
        await using var events = authority.Ledger.WatchAsync(ct).GetAsyncEnumerator(ct);
        var next = events.MoveNextAsync().AsTask(); // the watch stands before the caller hears that it does
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.StartAsync(ct).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(ct).ConfigureAwait(false);
        for (; await next.ConfigureAwait(false); next = events.MoveNextAsync().AsTask())
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, AuthorityEventReport.Of(events.Current), OperatorJson.Options, ct).ConfigureAwait(false);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), ct).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(ct).ConfigureAwait(false);
        }
    }

    private static async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next, ILogger logger)
    {
        var uid = UidOf(connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket);
        if (uid != 0 && uid != EffectiveUser())
        {
            LogStranger(logger, uid);
            connection.Abort(new ConnectionAbortedException("only the authority's own user and root may operate it"));
            return;
        }

        await next(connection).ConfigureAwait(false);
    }

    private static uint UidOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12]; // pid, uid, gid
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return MemoryMarshal.Read<uint>(credentials[4..]);
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint EffectiveUser();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused user {Uid} at the operator's socket")]
    private static partial void LogStranger(ILogger logger, uint uid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An operator minted a {Kind} for {SpiffeId}")]
    private static partial void LogMinted(ILogger logger, string kind, SpiffeId spiffeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An operator rotated the signing CA; the bundle is at sequence {Sequence}")]
    private static partial void LogRotated(ILogger logger, long sequence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Denial {Change} by an operator: {SpiffeId}")]
    private static partial void LogDenied(ILogger logger, string change, SpiffeId spiffeId);
}
