using System.Net;
using System.Net.Sockets;
using System.Text;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Egress;
using Castellan.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentGateway.Tests.Egress;

/// <summary>The gateway as a deputy: whoever can name a URL must not reach through it what they cannot reach themselves.</summary>
public sealed class EgressGuardTests
{
    private static readonly EgressOptions Loopback = new() { Networks = ["127.0.0.0/8"] };

    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("10.1.2.3", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.0.1", "private")]
    [InlineData("100.64.0.1", "carrier-grade NAT")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("198.18.0.1", "benchmarking")]
    [InlineData("::1", "loopback")]
    [InlineData("::", "unspecified")]
    [InlineData("fd12::1", "private")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("::ffff:10.0.0.1", "private")]
    [InlineData("::10.0.0.1", "private within IPv6")]
    [InlineData("2002:a9fe:a9fe::1", "link-local within IPv6")]
    [InlineData("64:ff9b::7f00:1", "loopback within IPv6")]
    [InlineData("64:ff9b:1::1", "reserved")]
    [InlineData("2001:0:1::1", "reserved")]
    [InlineData("2606:4700::5efe:c0a8:1", "private within IPv6")]
    public void ServerSideRequestForgery_WhenAnAddressIsNotPublic_IsRefused(string address, string use)
    {
        var rules = new EgressRules(new EgressOptions());

        Assert.Contains($"not public ({use})", rules.FaultOf(true, "models.example", [IPAddress.Parse(address)]), StringComparison.Ordinal);
        Assert.NotNull(rules.FaultOf(true, "models.example", [IPAddress.Parse("8.8.8.8"), IPAddress.Parse(address)]));
        Assert.Null(new EgressRules(new EgressOptions { Networks = ["0.0.0.0/0", "::/0"] }).FaultOf(false, "models.example", [IPAddress.Parse(address)]));
    }

    [Fact]
    public void Rules_WhenHostsAreNamed_LetOnlyTheseThrough()
    {
        var rules = new EgressRules(new EgressOptions { Hosts = ["api.openai.com", "*.openai.azure.com"], Networks = ["10.96.14.7/32"] });
        IPAddress[] open = [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("2606:4700::1111")];

        Assert.Null(rules.FaultOf(true, "API.openai.com.", open));
        Assert.Null(rules.FaultOf(true, "mine.openai.azure.com", open));
        Assert.Null(rules.FaultOf(false, "vllm.models.svc", [IPAddress.Parse("10.96.14.7")]));
        Assert.Contains("not among those allowed", rules.FaultOf(true, "evil-openai.azure.com", open), StringComparison.Ordinal);
        Assert.Contains("not among those allowed", rules.FaultOf(true, "api.openai.com.evil.example", open), StringComparison.Ordinal);
        Assert.Contains("in the clear", rules.FaultOf(false, "api.openai.com", open), StringComparison.Ordinal);
        Assert.NotNull(rules.FaultOf(true, "api.openai.com", [IPAddress.Parse("10.96.14.8")]));
        Assert.NotNull(rules.FaultOf(true, "nowhere.example", []));
    }

    [Fact]
    public async Task ServerSideRequestForgery_WhenDnsAnswersOtherwiseTheSecondTime_ReachesOnlyWhatWasChecked()
    {
        using var server = new OneAnswerServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        var asked = 0;
        IPAddress[][] answers = [[IPAddress.Loopback], [IPAddress.Parse("169.254.169.254")]];
        using var http = new HttpClient(new EgressGuard(new EgressRules(Loopback), (_, _) => Task.FromResult(answers[Math.Min(asked++, 1)])).CreateHandler());

        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://rebind.example:{server.Port}/")));
        Assert.Equal(1, asked); // checked and used: the same answer
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://rebind.example:{server.Port}/")));

        Assert.IsType<DestinationRefusedException>(refused.InnerException);
        Assert.Equal((2, 1), (asked, server.Requests));
    }

    [Fact]
    public async Task ServerSideRequestForgery_WhenAModelServerRedirectsInside_DoesNotFollow()
    {
        using var server = new OneAnswerServer("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        var refused = await Assert.ThrowsAsync<ModelRefusedException>(() => AskAsync(new Uri($"http://127.0.0.1:{server.Port}/v1"), Loopback));

        Assert.Equal(307, refused.Status);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("https://[::ffff:127.0.0.1]:6443/v1")]
    [InlineData("http://2130706433:8080/v1")]
    [InlineData("https://localhost:6443/v1")]
    public async Task ServerSideRequestForgery_WhenAModelIsSaidToBeInside_EndsAsRefusedAtOnce(string url)
    {
        var refused = await Assert.ThrowsAsync<ModelRefusedException>(() => AskAsync(new Uri(url), new EgressOptions()));

        Assert.Contains("is not public", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Gateway:Egress:Networks", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WhenTheyAreWrong_SayEachFault() => Assert.Equal(2, new EgressOptions { Networks = ["10.0.0.0/8", "ten"], Hosts = ["https://x"] }.Faults().Count());

    private static async Task<ChatResponse> AskAsync(Uri url, EgressOptions options)
    {
        using var models = new ModelClients((_, _, _) => default, TimeProvider.System, NullLoggerFactory.Instance, new EgressGuard(options).CreateHandler());
        var client = models.Create(new ModelConfig
        {
            Metadata = new() { Namespace = "default", Name = "m" },
            Spec = new ModelConfigSpec { Provider = ModelProvider.OpenAICompatible, Model = "m", BaseUrl = url.ToString() },
        });
        return await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]);
    }

    /// <summary>Gives every request the same answer, byte for byte.</summary>
    private sealed class OneAnswerServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private int _requests;

        public OneAnswerServer(string answer)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _serving = ServeAsync(Encoding.ASCII.GetBytes(answer));
        }

        public int Port { get; }

        public int Requests => _requests;

        public void Dispose()
        {
            _listener.Stop();
            _ = _serving.Exception;
        }

        private async Task ServeAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref _requests);
                    var stream = client.GetStream();
                    var request = new StringBuilder();
                    var buffer = new byte[4096];
                    // The head, and the body by its length if it has one, so that closing resets nothing.
                    while (!IsWhole(request.ToString()))
                    {
                        var read = await stream.ReadAsync(buffer);
                        if (read == 0) break;
                        request.Append(Encoding.UTF8.GetString(buffer, 0, read));
                    }

                    await stream.WriteAsync(answer);
                    client.Client.Shutdown(SocketShutdown.Send);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // Stopped.
            }
        }

        private static bool IsWhole(string request)
        {
            var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) return false;
            const string name = "Content-Length:";
            var at = request.IndexOf(name, StringComparison.OrdinalIgnoreCase);
            var length = at < 0 || at > head ? 0 : int.Parse(request.AsSpan(at + name.Length, request.IndexOf('\r', at) - at - name.Length), System.Globalization.CultureInfo.InvariantCulture);
            return request.Length >= head + 4 + length;
        }
    }
}
