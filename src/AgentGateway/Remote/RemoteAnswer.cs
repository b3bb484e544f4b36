using System.Buffers;

namespace Castellan.AgentGateway.Remote;

/// <summary>
/// The body of a remote server's answer: line by line without the credential that the server was shown, and of limited length. A line break
/// can stand neither in a credential nor within a JSON string, so no line holds half of one.
/// </summary>
/// <param name="inner">The body as it comes; owned.</param>
/// <param name="mask">Takes the credential out; null if there is none.</param>
/// <param name="longest">Most bytes of an answer; of a stream of events, of each event.</param>
/// <param name="isEventStream">An empty line ends an event.</param>
internal sealed class RemoteAnswer(Stream inner, CredentialMask? mask, int longest, bool isEventStream) : Stream
{
    private readonly byte[] _buffer = new byte[16 << 10];
    private readonly ArrayBufferWriter<byte> _line = new();
    private ReadOnlyMemory<byte> _arrived;
    private ReadOnlyMemory<byte> _ready;
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty)
        {
            if (!await NextLineAsync(cancellationToken))
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("answers of remote servers are read asynchronously");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<bool> NextLineAsync(CancellationToken ct)
    {
        _line.ResetWrittenCount();
        var isWhole = false;
        while (!isWhole)
        {
            if (_arrived.IsEmpty)
            {
                _arrived = _buffer.AsMemory(0, await inner.ReadAsync(_buffer, ct));
                if (_arrived.IsEmpty)
                {
                    break;
                }
            }

            var end = _arrived.Span.IndexOf((byte)'\n');
            var part = end < 0 ? _arrived : _arrived[..(end + 1)];
            Count(part.Length);
            _line.Write(part.Span);
            _arrived = _arrived[part.Length..];
            isWhole = end >= 0;
        }

        if (isEventStream && _line.WrittenSpan is [(byte)'\n'] or [(byte)'\r', (byte)'\n'])
        {
            _length = 0;
        }

        _ready = mask?.Apply(_line.WrittenMemory) ?? _line.WrittenMemory;
        return !_ready.IsEmpty;
    }

    private void Count(int bytes)
    {
        _length += bytes;
        if (_length > longest)
        {
            throw new IOException($"its answer is longer than {longest >> 20} MiB");
        }
    }
}
