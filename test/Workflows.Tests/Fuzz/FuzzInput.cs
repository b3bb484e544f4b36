using System.Net;
using Castellan.Rpc;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>One request and what may be answered.</summary>
/// <param name="Kind">What is wrong with it, in words.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="Body">With gRPC's frame header, or what stands in its place.</param>
/// <param name="Statuses">The gRPC statuses that are right.</param>
internal sealed record FuzzInput(string Kind, string Path, byte[] Body, params StatusCode[] Statuses)
{
    public HttpMethod Method { get; init; } = HttpMethod.Post;

    public string ContentType { get; init; } = "application/grpc";

    /// <summary>Null: none.</summary>
    public string? Token { get; init; } = "fuzz";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether its deadline may come while an answer is being written: then the stream is reset instead of ended.</summary>
    public bool MayBeReset { get; init; }

    /// <summary>Anything but 200 is no gRPC at all.</summary>
    public HttpStatusCode HttpStatus { get; init; } = HttpStatusCode.OK;

    public override string ToString() =>
        $"{Kind}: {Method} {Path} {ContentType} {string.Join(' ', Headers)} {Body.Length} bytes {Convert.ToHexString(Body.AsSpan(0, Math.Min(Body.Length, 300)))}";
}
