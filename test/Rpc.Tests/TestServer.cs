using System.Net;
using Castellan.Rpc;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Rpc.Tests;

/// <summary>A real Kestrel with one gRPC service on loopback (or a unix socket) and a channel to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, GrpcChannel channel, Uri address)
    {
        _app = app;
        Channel = channel;
        Address = address;
        Http = new HttpClient(Handler()) { BaseAddress = address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    public static readonly GrpcMethod<StringValue, StringValue> Echo = new("test.Greeter", "Echo", StringValue.Parser, StringValue.Parser);
    public static readonly GrpcMethod<Int32Value, BytesValue> Count = new("test.Greeter", "Count", Int32Value.Parser, BytesValue.Parser);

    public GrpcChannel Channel { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<TestServer> StartAsync(Action<GrpcService> methods, GrpcServiceOptions? options = null, GrpcChannelOptions? client = null) =>
        StartAsync(app =>
        {
            var service = new GrpcService("test.Greeter", options);
            methods(service);
            app.MapGrpc(service);
            app.MapGrpcFallback();
        }, client);

    public static async Task<TestServer> StartAsync(Action<WebApplication> map, GrpcChannelOptions? client = null, string? socket = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseGrpcDefaults();
            if (socket is null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            }
            else
            {
                kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(5));
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        if (socket is not null)
        {
            return new(app, GrpcChannel.ForUnixSocket(socket, client), new Uri("http://localhost"));
        }

        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return new(app, new GrpcChannel(Handler(), address, client), address);
    }

    public Task<StringValue> EchoAsync(string text, GrpcCallOptions? options = null, CancellationToken ct = default) =>
        Channel.UnaryAsync(Echo, new StringValue { Value = text }, options, ct);

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Posts raw bytes, for requests that the client never writes.</summary>
    public async Task<RawAnswer> PostAsync(string path, byte[] body, string contentType = "application/grpc", params (string Key, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        foreach (var (key, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(key, value);
        }

        using var response = await Http.SendAsync(request);
        _ = await response.Content.ReadAsByteArrayAsync();
        var trailers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        return new(response.StatusCode, trailers.TryGetValues("grpc-status", out var s) ? (StatusCode)int.Parse(s.First()) : null,
            response.Headers.Contains("grpc-status"), trailers.TryGetValues("grpc-message", out var m) ? m.First() : "");
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private static SocketsHttpHandler Handler() => new() { UseProxy = false };
}

internal sealed record RawAnswer(HttpStatusCode Http, StatusCode? Status, bool TrailersOnly, string Message);
