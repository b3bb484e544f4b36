using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.Rpc.Tests;

public sealed class GrpcChannelTests
{
    [Fact]
    public async Task Unary_WhenMetadataIsSet_SendsChannelsAndCallsOwn()
    {
        var client = new GrpcChannelOptions { Metadata = [new("x-channel", "1")] };
        await using var server = await TestServer.StartAsync(
            s => s.Unary(TestServer.Echo, (_, call) => Task.FromResult(new StringValue { Value = call.Metadata("x-channel")[0] + call.Metadata("x-call")[0] })), client: client);
        Assert.Equal("12", (await server.EchoAsync("", new() { Metadata = [new("x-call", "2")] })).Value);
    }

    [Fact]
    public async Task Unary_WhenServerRefuses_ThrowsItsStatusAndMessage()
    {
        await using var server = await TestServer.StartAsync(
            s => s.Unary(TestServer.Echo, (_, _) => throw new RpcException(StatusCode.PermissionDenied, "100% naïve é\n")));
        var error = await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync("x"));
        Assert.Equal((StatusCode.PermissionDenied, "100% naïve é\n"), (error.StatusCode, error.Message));
    }

    [Fact]
    public async Task Unary_WhenTimeoutPasses_ThrowsDeadlineExceeded()
    {
        var seen = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(s => s.Unary(TestServer.Echo, async (_, call) =>
        {
            using var registration = call.Cancellation.Register(() => seen.TrySetResult());
            await Task.Delay(Timeout.Infinite, call.Cancellation);
            return new StringValue();
        }));
        var error = await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync("x", new() { Timeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Unary_WhenCallerCancels_ThrowsOperationCanceledAndTheServerSeesIt()
    {
        var started = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(s => s.Unary(TestServer.Echo, async (_, call) =>
        {
            using var registration = call.Cancellation.Register(() => ended.TrySetResult());
            started.SetResult();
            await Task.Delay(Timeout.Infinite, call.Cancellation);
            return new StringValue();
        }));
        using var cancel = new CancellationTokenSource();
        var call = server.EchoAsync("x", ct: cancel.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Stream_WhenServerSendsMany_ReadsAllInOrder()
    {
        await using var server = await StartCountAsync(bytes: 200_000);
        var lengths = new List<int>();
        await foreach (var message in server.Channel.ServerStreamingAsync(TestServer.Count, new Int32Value { Value = 20 }))
        {
            lengths.Add(message.Value.Length);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => 200_000 + i), lengths);
    }

    [Fact]
    public async Task Stream_WhenServerFailsInTheMiddle_GivesTheMessagesThenTheStatus()
    {
        await using var server = await TestServer.StartAsync(s => s.ServerStreaming(TestServer.Count, async (_, stream, _) =>
        {
            await stream.WriteAsync(new BytesValue());
            throw new RpcException(StatusCode.DataLoss, "lost");
        }));
        var seen = 0;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in server.Channel.ServerStreamingAsync(TestServer.Count, new Int32Value()))
            {
                seen++;
            }
        });
        Assert.Equal((1, StatusCode.DataLoss, "lost"), (seen, error.StatusCode, error.Message));
    }

    [Fact]
    public async Task Stream_WhenReaderLeaves_CancelsTheServersCall()
    {
        var ended = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(s => s.ServerStreaming(TestServer.Count, async (_, stream, call) =>
        {
            using var registration = call.Cancellation.Register(() => ended.TrySetResult());
            await stream.WriteAsync(new BytesValue());
            await Task.Delay(Timeout.Infinite, call.Cancellation);
        }));
        await foreach (var _ in server.Channel.ServerStreamingAsync(TestServer.Count, new Int32Value()))
        {
            break;
        }

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Stream_WhenServerStops_EndsWithUnavailable()
    {
        await using var server = await TestServer.StartAsync(s => s.ServerStreaming(TestServer.Count, async (_, stream, call) =>
        {
            await stream.StartAsync();
            await stream.WriteAsync(new BytesValue());
            await Task.Delay(Timeout.Infinite, call.Cancellation);
        }));
        Task? stop = null;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in server.Channel.ServerStreamingAsync(TestServer.Count, new Int32Value()))
            {
                stop = server.StopAsync();
            }
        });
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        await stop!;
    }

    [Fact]
    public async Task Unary_WhenResponseIsOverTheLimit_ThrowsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(
            s => s.Unary(TestServer.Echo, (request, _) => Task.FromResult(request)), client: new() { MaxReceiveBytes = 10 });
        var error = await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync(new string('a', 100)));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Theory]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(400, StatusCode.Internal)]
    public async Task Unary_WhenServerAnswersPlainHttp_MapsTheStatus(int http, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync(app => app.MapPost("/{**path}", context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        }));
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync("x"))).StatusCode);
    }

    [Theory]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    [InlineData(0x1, StatusCode.Internal)]
    public async Task Unary_WhenStreamIsReset_MapsTheErrorCode(int error, StatusCode expected)
    {
        await using var server = await TestServer.StartAsync(app => app.MapPost("/{**path}", async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync();
            context.Features.Get<IHttpResetFeature>()!.Reset(error);
        }));
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync("x"))).StatusCode);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("text/html")]
    public async Task Unary_WhenResponseHasNoStatus_ThrowsUnknown(string contentType)
    {
        await using var server = await TestServer.StartAsync(app => app.MapPost("/{**path}", context =>
        {
            context.Response.ContentType = contentType;
            return Task.CompletedTask;
        }));
        Assert.Equal(StatusCode.Unknown, (await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync("x"))).StatusCode);
    }

    [Fact]
    public async Task Unary_WhenServerIsNotThere_ThrowsUnavailable()
    {
        using var channel = GrpcChannel.ForUnixSocket(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(TestServer.Echo, new StringValue()));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task UnixSocket_WhenServed_Works()
    {
        var socket = Path.Combine(Directory.CreateTempSubdirectory("rpc").FullName, "s.sock");
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpc(new GrpcService("test.Greeter").Unary(TestServer.Echo, (request, _) => Task.FromResult(request))), socket: socket);
        Assert.Equal("hello", (await server.EchoAsync("hello")).Value);
    }

    private static Task<TestServer> StartCountAsync(int bytes) =>
        TestServer.StartAsync(s => s.ServerStreaming(TestServer.Count, async (request, stream, _) =>
        {
            for (var i = 0; i < request.Value; i++)
            {
                await stream.WriteAsync(new BytesValue { Value = ByteString.CopyFrom(new byte[bytes + i]) });
            }
        }));
}
