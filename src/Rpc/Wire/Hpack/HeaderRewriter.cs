using System.Buffers;
using System.Buffers.Binary;

namespace Castellan.Rpc.Wire.Hpack;

/// <summary>Passes the frames of one direction of a connection on, with <c>localhost</c> as the authority of every request.</summary>
internal sealed class HeaderRewriter
{
    private const int PrefaceBytes = 24;
    private const int FrameHeaderBytes = 9;
    private const int LongestFrame = 16384; // what Kestrel accepts by default
    private const int LongestBlock = 32 << 10;
    private const byte Headers = 1;
    private const byte Continuation = 9;
    private const byte EndStream = 0x1;
    private const byte EndHeaders = 0x4;
    private const byte Padded = 0x8;
    private const byte Priority = 0x20;
    private readonly HpackDecoder _decoder = new();
    private bool _isPrefaceDone;
    private ArrayBufferWriter<byte>? _block;
    private uint _stream;
    private byte _endStream;

    /// <summary>Takes as many whole frames as there are and gives what is left.</summary>
    /// <exception cref="HpackException">The peer breaks HTTP/2 in a way that leaves its headers unreadable.</exception>
    public ReadOnlySequence<byte> Pass(ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        if (!_isPrefaceDone)
        {
            if (input.Length < PrefaceBytes)
            {
                return input;
            }

            Copy(input.Slice(0, PrefaceBytes), output);
            input = input.Slice(PrefaceBytes);
            _isPrefaceDone = true;
        }

        Span<byte> header = stackalloc byte[FrameHeaderBytes];
        while (input.Length >= FrameHeaderBytes)
        {
            input.Slice(0, FrameHeaderBytes).CopyTo(header);
            var length = (header[0] << 16) | (header[1] << 8) | header[2];
            if (length > LongestFrame)
            {
                throw new HpackException($"a frame has {length} bytes, more than was agreed");
            }

            if (input.Length < FrameHeaderBytes + length)
            {
                break;
            }

            var frame = input.Slice(0, FrameHeaderBytes + length);
            if (header[3] is Headers or Continuation)
            {
                TakeHeaders(header[3], header[4], BinaryPrimitives.ReadUInt32BigEndian(header[5..]) & 0x7FFFFFFF, frame.Slice(FrameHeaderBytes).ToArray(), output);
            }
            else
            {
                Copy(_block is null ? frame : throw new HpackException("another frame stands inside a header block"), output);
            }

            input = input.Slice(frame.End);
        }

        return input;
    }

    private void TakeHeaders(byte type, byte flags, uint stream, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        if (type == Headers)
        {
            payload = Fragment(flags, payload);
            _block = _block is null ? new() : throw new HpackException("a header block begins inside another");
            (_stream, _endStream) = (stream, (byte)(flags & EndStream));
        }
        else if (_block is null || stream != _stream)
        {
            throw new HpackException("a header block goes on that never began");
        }

        if (_block.WrittenCount + payload.Length > LongestBlock)
        {
            throw new HpackException($"a header block is longer than {LongestBlock} bytes");
        }

        _block.Write(payload);
        if ((flags & EndHeaders) != 0)
        {
            Write(_decoder.Decode(_block.WrittenSpan), output);
            _block = null;
        }
    }

    private static ReadOnlySpan<byte> Fragment(byte flags, ReadOnlySpan<byte> payload)
    {
        var padding = 0;
        if ((flags & Padded) != 0)
        {
            padding = payload.IsEmpty ? throw new HpackException("a padded frame is empty") : payload[0];
            payload = payload[1..];
        }

        var skipped = (flags & Priority) != 0 ? 5 : 0;
        return skipped + padding <= payload.Length ? payload[skipped..^padding] : throw new HpackException("padding is longer than its frame");
    }

    /// <summary>Plain literals that no table remembers: nothing has to be kept in step with the reader.</summary>
    private void Write(IReadOnlyList<HpackField> fields, IBufferWriter<byte> output)
    {
        var block = new ArrayBufferWriter<byte>(512);
        foreach (var (name, value) in fields)
        {
            block.Write<byte>([0]);
            WriteString(block, name);
            WriteString(block, name.AsSpan().SequenceEqual(":authority"u8) ? "localhost"u8 : value);
        }

        var rest = block.WrittenSpan;
        for (var type = Headers; type == Headers || !rest.IsEmpty; type = Continuation)
        {
            var length = Math.Min(rest.Length, LongestFrame);
            var header = output.GetSpan(FrameHeaderBytes);
            (header[0], header[1], header[2], header[3]) = ((byte)(length >> 16), (byte)(length >> 8), (byte)length, type);
            header[4] = (byte)((type == Headers ? _endStream : 0) | (length == rest.Length ? EndHeaders : 0));
            BinaryPrimitives.WriteUInt32BigEndian(header[5..], _stream);
            output.Advance(FrameHeaderBytes);
            output.Write(rest[..length]);
            rest = rest[length..];
        }
    }

    private static void WriteString(ArrayBufferWriter<byte> block, ReadOnlySpan<byte> text)
    {
        const int Most = 127; // seven bits of prefix
        var length = text.Length;
        block.Write<byte>([(byte)Math.Min(length, Most)]);
        for (length -= Most; length >= 0; length = length < 128 ? -1 : length >> 7)
        {
            block.Write<byte>([(byte)(length < 128 ? length : (length & 0x7F) | 0x80)]);
        }

        block.Write(text);
    }

    private static void Copy(ReadOnlySequence<byte> bytes, IBufferWriter<byte> output)
    {
        foreach (var segment in bytes)
        {
            output.Write(segment.Span);
        }
    }
}
