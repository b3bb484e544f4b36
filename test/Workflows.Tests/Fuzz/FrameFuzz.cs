using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Castellan.Workflows.Client;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Connections that speak HTTP/2 badly, or not at all. Each ends on our side; the server must end it on its own.</summary>
internal sealed class FrameFuzz(Uri address, Random random)
{
    /// <summary>Frames of one connection.</summary>
    public const int FramesEach = 20;

    private const int HeaderBytes = 9;
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4;
    private static readonly byte[] Preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    private int _stream = -1;

    public async Task RunAsync(CancellationToken ct)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, ct);
        var socket = client.GetStream();
        try
        {
            await socket.WriteAsync(Opening(), ct);
            for (var i = 0; i < FramesEach; i++)
            {
                await socket.WriteAsync(Next(), ct);
            }

            client.Client.Shutdown(SocketShutdown.Send);
            await socket.CopyToAsync(Stream.Null, ct);
        }
        catch (IOException)
        {
            // Refused and closed in the middle of it: that is an answer.
        }
        catch (SocketException)
        {
        }
    }

    private byte[] Opening() => random.Next(10) switch
    {
        0 => Bytes(random.Next(1, 200)),
        1 => Encoding.ASCII.GetBytes("POST /TaskHubSidecarService/Hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\0\0\0\0\0"),
        _ => [.. Preface, .. Frame(Settings, 0, 0, [])],
    };

    private byte[] Next() => random.Next(10) switch
    {
        < 3 => Call(),
        3 => [.. Call(), .. Frame(ResetStream, 0, _stream, [0, 0, 0, 8])], // asked and taken back at once
        4 => Frame((byte)random.Next(12), (byte)random.Next(256), random.Next(0, 40), Bytes(random.Next(64))),
        5 => Frame(Headers, 0x4, _stream += 2, Bytes(random.Next(1, 200))), // garbage in place of HPACK
        6 => Frame(Data, (byte)random.Next(2), random.Next(0, 60), Bytes(random.Next(200))),
        7 => Frame(Settings, 0, 0, [.. Setting(), .. Setting()]),
        8 => Frame(ResetStream, 0, random.Next(0, 60), Bytes(4)),
        _ => Flipped(Call()),
    };

    // A request for a method of the service, its message cut somewhere.
    private byte[] Call()
    {
        string[] methods = ["StartInstance", "GetWorkItems", "WaitForInstanceCompletion", "CompleteWorkflowTask", "PurgeInstances"];
        byte[] head =
        [
            0x83, 0x86, .. Literal(":path", $"/{TaskHubMethods.Service}/{methods[random.Next(methods.Length)]}"), .. Literal(":authority", "x"),
            .. Literal("content-type", "application/grpc"), .. Literal("te", "trailers"), .. Literal("dapr-api-token", "fuzz"), .. Literal("grpc-timeout", "20m"),
        ];
        byte[] message = [0, 0, 0, 0, 30, .. Bytes(30)];
        _stream += 2;
        return [.. Frame(Headers, 0x4, _stream, head), .. Frame(Data, (byte)random.Next(2), _stream, message[..random.Next(message.Length + 1)])];
    }

    private byte[] Flipped(byte[] frames)
    {
        frames[random.Next(frames.Length)] ^= (byte)(1 << random.Next(8));
        return frames;
    }

    private byte[] Setting()
    {
        var setting = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(setting, (ushort)random.Next(0, 9));
        BinaryPrimitives.WriteInt32BigEndian(setting.AsSpan(2), random.Next());
        return setting;
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, HeaderBytes);
        return frame;
    }

    // HPACK: a literal header field without indexing, new name (RFC 7541, 6.2.2).
    private static byte[] Literal(string name, string value) => [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
