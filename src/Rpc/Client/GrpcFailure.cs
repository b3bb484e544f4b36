using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Castellan.Rpc.Wire;

namespace Castellan.Rpc;

/// <summary>Turns HTTP statuses, HTTP/2 errors and trailers into <see cref="RpcException"/>s.</summary>
/// <remarks>Source: gRPC core, doc/http-grpc-status-mapping.md and PROTOCOL-HTTP2.md "Errors".</remarks>
internal static class GrpcFailure
{
    public static void ThrowIfHttpError(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return;
        }

        var code = (int)response.StatusCode;
        var status = code switch
        {
            400 => StatusCode.Internal,
            401 => StatusCode.Unauthenticated,
            403 => StatusCode.PermissionDenied,
            404 => StatusCode.Unimplemented,
            429 or 502 or 503 or 504 => StatusCode.Unavailable,
            _ => StatusCode.Unknown,
        };
        throw new RpcException(status, $"the server answered HTTP {code} instead of gRPC; check the address");
    }

    public static void ThrowIfNotOk(HttpHeaders trailers)
    {
        if (!trailers.TryGetValues(GrpcHeaders.Status, out var values)
            || !int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new RpcException(StatusCode.Unknown, "the response ended without grpc-status; the server or a proxy between broke it off");
        }

        if (number == 0)
        {
            return;
        }

        var message = trailers.TryGetValues(GrpcHeaders.Message, out var messages) ? GrpcStatusMessage.Decode(messages.First()) : "";
        throw new RpcException(number <= (int)StatusCode.Unauthenticated ? (StatusCode)number : StatusCode.Unknown, message);
    }

    public static Exception From(Exception error, CancellationToken callers, CancellationToken deadline) => error switch
    {
        RpcException => error,
        _ when callers.IsCancellationRequested => error as OperationCanceledException ?? new OperationCanceledException(error.Message, error, callers),
        _ when deadline.IsCancellationRequested => new RpcException(StatusCode.DeadlineExceeded, "no answer before the deadline", error),
        _ when Http2Error(error) is { } code => new RpcException(FromHttp2(code), $"HTTP/2 error {code}: {error.Message}", error),
        _ => new RpcException(StatusCode.Unavailable, error.InnerException is { } inner ? $"{error.Message} ({inner.Message})" : error.Message, error),
    };

    private static StatusCode FromHttp2(long code) => code switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    private static long? Http2Error(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is HttpProtocolException protocol)
            {
                return protocol.ErrorCode;
            }
        }

        return null;
    }
}
