using System.Buffers.Binary;
using System.Net;
using Castellan.Rpc;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Draws requests: from almost right to garbage.</summary>
internal sealed class FuzzInputs(Random random)
{
    private const int FrameHeader = 5;
    private static readonly (string Name, MessageDescriptor Request)[] Methods =
    [
        ("Hello", Empty.Descriptor), ("StartInstance", CreateInstanceRequest.Descriptor), ("StartInstance", CreateInstanceRequest.Descriptor),
        ("GetInstance", GetInstanceRequest.Descriptor), ("WaitForInstanceStart", GetInstanceRequest.Descriptor),
        ("WaitForInstanceCompletion", GetInstanceRequest.Descriptor), ("RaiseEvent", RaiseEventRequest.Descriptor), ("TerminateInstance", TerminateRequest.Descriptor),
        ("SuspendInstance", SuspendRequest.Descriptor), ("ResumeInstance", ResumeRequest.Descriptor), ("PurgeInstances", PurgeInstancesRequest.Descriptor),
        ("ListInstanceIDs", ListInstanceIDsRequest.Descriptor), ("RerunWorkflowFromEvent", RerunWorkflowFromEventRequest.Descriptor), ("GetInstanceHistory", GetInstanceHistoryRequest.Descriptor),
        ("GetWorkItems", GetWorkItemsRequest.Descriptor), ("CompleteActivityTask", ActivityResponse.Descriptor),
        ("CompleteOrchestratorTask", WorkflowResponse.Descriptor), ("CompleteWorkflowTask", WorkflowResponse.Descriptor),
        ("CompleteWorkflowTask", WorkflowResponse.Descriptor), ("CompleteWorkflowTask", WorkflowResponse.Descriptor),
    ];

    // What a well-formed request may be told; Internal is for what is malformed, Unknown for nobody.
    private static readonly StatusCode[] Answers =
        [StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition, StatusCode.ResourceExhausted];

    private readonly FuzzGrammar _grammar = new(random);

    public FuzzInput Next()
    {
        var (method, type) = Methods[random.Next(Methods.Length)];
        var path = $"/{TaskHubMethods.Service}/{method}";
        return random.Next(20) switch
        {
            < 7 => Patient(new("valid protobuf", path, Frame(_grammar.Message(type).ToByteArray()), Answers), method),
            < 10 => Patient(new("mutated protobuf", path, Frame(Mutate(_grammar.Message(type).ToByteArray())), [.. Answers, StatusCode.Internal]), method),
            < 12 => Patient(new("random bytes", path, Frame(Bytes(random.Next(200))), [.. Answers, StatusCode.Internal]), method),
            < 14 => Truncated(path, type),
            14 => new("compressed flag", path, Flagged(Frame(_grammar.Message(type).ToByteArray()), 1), StatusCode.Unimplemented),
            15 => new("undefined flag", path, Flagged(Frame(Bytes(random.Next(20))), (byte)random.Next(2, 256)), StatusCode.Internal),
            16 => new("oversize", path, Announcing(Bytes(random.Next(40)), (uint)random.NextInt64((16 << 20) + 1, uint.MaxValue + 1L)), StatusCode.ResourceExhausted),
            17 => Patient(new("two messages", path, [.. Frame(_grammar.Message(type).ToByteArray()), .. Frame(Bytes(random.Next(9)))], StatusCode.Internal), method),
            18 => WrongHeaders(path, Frame(_grammar.Message(type).ToByteArray())),
            _ => WrongCaller(path, Frame(_grammar.Message(type).ToByteArray())),
        };
    }

    private static byte[] Frame(byte[] message) => Announcing(message, (uint)message.Length);

    private static byte[] Announcing(byte[] message, uint length)
    {
        var frame = new byte[FrameHeader + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length);
        message.CopyTo(frame, FrameHeader);
        return frame;
    }

    private static byte[] Flagged(byte[] frame, byte flag)
    {
        frame[0] = flag;
        return frame;
    }

    // What waits, waits until its deadline.
    private FuzzInput Patient(FuzzInput input, string method) => method is "WaitForInstanceStart" or "WaitForInstanceCompletion" or "GetWorkItems"
        ? new(input.Kind, input.Path, input.Body, [.. input.Statuses, StatusCode.DeadlineExceeded]) { Headers = [("grpc-timeout", $"{random.Next(1, 30)}m")], MayBeReset = method == "GetWorkItems" }
        : input;

    private FuzzInput Truncated(string path, MessageDescriptor type)
    {
        var whole = Frame([.. _grammar.Message(type).ToByteArray(), 1]);
        return new("truncated", path, whole[..random.Next(whole.Length)], StatusCode.Internal);
    }

    private FuzzInput WrongHeaders(string path, byte[] body) => random.Next(6) switch
    {
        0 => new("wrong encoding", path, body, StatusCode.Unimplemented) { Headers = [("grpc-encoding", random.Next(2) == 0 ? "gzip" : "identity,br")] },
        1 => new("wrong timeout", path, body, StatusCode.Internal) { Headers = [("grpc-timeout", new[] { "", "m", "5", "-1S", "123456789S", "1x", "1 S", "S1" }[random.Next(8)])] },
        2 => new("wrong content type", path, body) { ContentType = new[] { "application/json", "application/grpc-web", "text/plain" }[random.Next(3)], HttpStatus = HttpStatusCode.UnsupportedMediaType },
        3 => new("wrong verb", path, body) { Method = random.Next(2) == 0 ? HttpMethod.Put : HttpMethod.Get, HttpStatus = HttpStatusCode.MethodNotAllowed },
        4 => new("unknown method", $"/{TaskHubMethods.Service}/{Uri.EscapeDataString(Convert.ToBase64String(Bytes(random.Next(1, 30))))}", body, StatusCode.Unimplemented),
        _ => new("unknown service", $"/{Uri.EscapeDataString(Convert.ToBase64String(Bytes(random.Next(1, 30))))}/Hello", body) { HttpStatus = HttpStatusCode.NotFound },
    };

    private FuzzInput WrongCaller(string path, byte[] body) => random.Next(2) == 0
        ? new("no token", path, body, StatusCode.Unauthenticated) { Token = null }
        : new("local hub", path, body, StatusCode.PermissionDenied) { Token = FuzzServer.LocalHub };

    private byte[] Mutate(byte[] bytes)
    {
        var list = bytes.ToList();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(list.Count + 1);
            switch (random.Next(4))
            {
                case 0 when at < list.Count: list[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 when at < list.Count: list.RemoveAt(at); break;
                case 2: list.InsertRange(at, list.Skip(random.Next(list.Count + 1)).Take(random.Next(9)).ToList()); break;
                default: list.Insert(at, (byte)random.Next(256)); break;
            }
        }

        return [.. list];
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
