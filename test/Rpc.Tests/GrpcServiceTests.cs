using System.Net;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Rpc.Tests;

public sealed class GrpcServiceTests
{
    private const string EchoPath = "/test.Greeter/Echo";

    [Theory]
    [InlineData(1, StatusCode.Unimplemented)]
    [InlineData(7, StatusCode.Internal)]
    public async Task Unary_WhenFrameFlagIsSet_Refuses(byte flag, StatusCode expected)
    {
        await using var server = await StartEchoAsync();
        var frame = Frame("x");
        frame[0] = flag;
        Assert.Equal(expected, (await server.PostAsync(EchoPath, frame)).Status);
    }

    [Fact]
    public async Task Unary_WhenEncodingIsGzip_AnswersUnimplemented()
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(StatusCode.Unimplemented, (await server.PostAsync(EchoPath, Frame("x"), headers: ("grpc-encoding", "gzip"))).Status);
    }

    [Fact]
    public async Task Unary_WhenLengthIsOverTheLimit_RefusesBeforeTheMessageArrives()
    {
        await using var server = await StartEchoAsync();
        var answer = await server.PostAsync(EchoPath, [0, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3]); // announces 2 GiB, sends three bytes
        Assert.Equal(StatusCode.ResourceExhausted, answer.Status);
        Assert.True(answer.TrailersOnly);
    }

    [Fact]
    public async Task Unary_WhenMessageIsJustUnderTheLimit_Works()
    {
        await using var server = await StartEchoAsync();
        var text = new string('a', GrpcServiceOptions.DefaultMaxReceiveBytes - 100);
        Assert.Equal(text, (await server.EchoAsync(text)).Value);
    }

    [Fact]
    public async Task Unary_WhenMessageIsOverTheLimit_GivesResourceExhaustedToTheClient()
    {
        await using var server = await StartEchoAsync(new() { MaxReceiveBytes = 1000 });
        var error = await Assert.ThrowsAsync<RpcException>(() => server.EchoAsync(new string('a', 2000)));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0xFF, 0xFF })]
    public async Task Unary_WhenBodyIsNotOneWholeMessage_AnswersInternal(byte[] body)
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(StatusCode.Internal, (await server.PostAsync(EchoPath, body)).Status);
    }

    [Fact]
    public async Task Unary_WhenTwoMessagesCome_AnswersInternal()
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(StatusCode.Internal, (await server.PostAsync(EchoPath, [.. Frame("a"), .. Frame("b")])).Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpcfoo")]
    [InlineData("application/grpc+json")]
    public async Task Any_WhenContentTypeIsNotGrpc_Answers415(string contentType)
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.PostAsync(EchoPath, Frame("x"), contentType)).Http);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task Any_WhenContentTypeIsProtobufGrpc_Works(string contentType)
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(StatusCode.OK, (await server.PostAsync(EchoPath, Frame("x"), contentType)).Status);
    }

    [Fact]
    public async Task Any_WhenMethodIsGet_Answers405()
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Http.GetAsync(EchoPath)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/elsewhere")).StatusCode);
    }

    [Theory]
    [InlineData("/test.Greeter/Nothing")]
    [InlineData("/other.Service/Echo")]
    [InlineData("/nothing")]
    public async Task Any_WhenMethodIsUnknown_AnswersUnimplemented(string path)
    {
        await using var server = await StartEchoAsync();
        Assert.Equal(StatusCode.Unimplemented, (await server.PostAsync(path, Frame("x"))).Status);
    }

    [Fact]
    public async Task Unary_WhenOnlyTheServerKnowsTheDeadline_AnswersDeadlineExceeded()
    {
        await using var server = await TestServer.StartAsync(s => s.Unary(TestServer.Echo, async (_, call) =>
        {
            await Task.Delay(Timeout.Infinite, call.Cancellation);
            return new StringValue();
        }));
        Assert.Equal(StatusCode.DeadlineExceeded, (await server.PostAsync(EchoPath, Frame("x"), headers: ("grpc-timeout", "20m"))).Status);
        Assert.Equal(StatusCode.Internal, (await server.PostAsync(EchoPath, Frame("x"), headers: ("grpc-timeout", "soon"))).Status);
    }

    [Fact]
    public async Task Unary_WhenMethodThrows_AnswersUnknownWithoutItsText()
    {
        await using var server = await TestServer.StartAsync(s => s.Unary(TestServer.Echo, (_, _) => throw new InvalidOperationException("secret")));
        var answer = await server.PostAsync(EchoPath, Frame("x"));
        Assert.Equal(StatusCode.Unknown, answer.Status);
        Assert.DoesNotContain("secret", answer.Message);
    }

    [Fact]
    public async Task Gate_WhenItRefuses_RunsBeforeTheMessageIsRead()
    {
        await using var server = await TestServer.StartAsync(s => s
            .Gate(call => call.Metadata("x-key") is ["yes"] ? default : throw new RpcException(StatusCode.InvalidArgument, "no key"))
            .Unary(TestServer.Echo, (request, _) => Task.FromResult(request)));
        Assert.Equal(StatusCode.InvalidArgument, (await server.PostAsync(EchoPath, [])).Status);
        Assert.Equal(StatusCode.InvalidArgument, (await server.PostAsync("/test.Greeter/Nothing", [])).Status);
        Assert.Equal(StatusCode.OK, (await server.PostAsync(EchoPath, Frame("x"), headers: ("x-key", "yes"))).Status);
    }

    [Fact]
    public void Unary_WhenMethodIsOfAnotherService_Throws()
    {
        var service = new GrpcService("test.Other");
        Assert.Throws<ArgumentException>(() => service.Unary(TestServer.Echo, (request, _) => Task.FromResult(request)));
    }

    private static Task<TestServer> StartEchoAsync(GrpcServiceOptions? options = null) =>
        TestServer.StartAsync(s => s.Unary(TestServer.Echo, (request, _) => Task.FromResult(request)), options);

    private static byte[] Frame(string text)
    {
        var message = new StringValue { Value = text }.ToByteArray();
        return [0, 0, 0, 0, (byte)message.Length, .. message];
    }
}
