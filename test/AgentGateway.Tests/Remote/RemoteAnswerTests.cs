using System.Text;
using Castellan.AgentGateway.Remote;

namespace Castellan.AgentGateway.Tests.Remote;

public sealed class RemoteAnswerTests
{
    private const string Secret = "kx/7+Zq9=";

    [Theory]
    [InlineData("""{"text":"kx/7+Zq9="}""", """{"text":"***"}""")]
    [InlineData("""{"text":"kx\/7\u002BZq9\u003d, kx/7+Zq9=kx/7+Zq9="}""", """{"text":"***, ******"}""")]
    [InlineData("""{"text":"\u006bx/7+Zq9= \\kx/7+Zq9="}""", """{"text":"*** \\***"}""")]
    [InlineData("""{"text":"kx/7+Zq9\\u003d kx/7+Zq"}""", """{"text":"kx/7+Zq9\\u003d kx/7+Zq"}""")]
    [InlineData("kx/7+Zq", "kx/7+Zq")]
    [InlineData("a\nkx/7+Zq9=\r\n\r\nb\\", "a\n***\r\n\r\nb\\")]
    [InlineData("", "")]
    public async Task Read_WhenAServerRepeatsItsCredential_HidesIt(string answer, string expected)
    {
        Assert.Equal(expected, await ReadAsync(answer, piece: 1, isEventStream: false));
        Assert.Equal(expected, await ReadAsync(answer, piece: 4096, isEventStream: true));
    }

    [Fact]
    public async Task Read_WhenAnAnswerIsTooLong_Ends()
    {
        var events = string.Concat(Enumerable.Repeat($"data: {new string('x', 50)}\r\n\r\n", 10));
        Assert.Equal(events, await ReadAsync(events, piece: 7, isEventStream: true));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(events, piece: 7, isEventStream: false));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(new string('x', 101), piece: 7, isEventStream: true));
    }

    private static async Task<string> ReadAsync(string answer, int piece, bool isEventStream)
    {
        await using var stream = new RemoteAnswer(new Pieces(new MemoryStream(Encoding.UTF8.GetBytes(answer)), piece), new CredentialMask(Secret), longest: 100, isEventStream);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class Pieces(Stream inner, int most) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(most, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
