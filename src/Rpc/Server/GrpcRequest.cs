using Castellan.Rpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Castellan.Rpc;

/// <summary>What must hold of a request before it is a gRPC call at all; otherwise plain HTTP statuses answer.</summary>
internal static class GrpcRequest
{
    public static bool TryAccept(HttpContext context)
    {
        var refusal = Refusal(context.Request);
        if (refusal is { } status)
        {
            context.Response.StatusCode = status;
            return false;
        }

        context.Response.ContentType = GrpcHeaders.ContentType;
        return true;
    }

    private static int? Refusal(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        if (!GrpcHeaders.IsGrpc(request.ContentType))
        {
            return StatusCodes.Status415UnsupportedMediaType;
        }

        return HttpProtocol.IsHttp2(request.Protocol) ? null : StatusCodes.Status426UpgradeRequired;
    }
}
