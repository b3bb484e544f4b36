using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Castellan.Rpc;

/// <summary>Serves <see cref="GrpcService"/>s on ASP.NET Core endpoints.</summary>
public static class GrpcEndpoints
{
    /// <summary>Maps all methods of <paramref name="service"/>; an unknown method of it answers Unimplemented.</summary>
    public static IEndpointConventionBuilder MapGrpc(this IEndpointRouteBuilder endpoints, GrpcService service) =>
        endpoints.Map($"/{service.Name}/{{method}}", service.HandleAsync);

    /// <summary>Answers gRPC calls of services nobody mapped with Unimplemented, and anything else with 404.</summary>
    public static IEndpointConventionBuilder MapGrpcFallback(this IEndpointRouteBuilder endpoints)
    {
        var nothing = new GrpcService("");
        return endpoints.MapFallback("{**path}", context =>
        {
            if (Wire.GrpcHeaders.IsGrpc(context.Request.ContentType))
            {
                return nothing.HandleAsync(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Lifts what Kestrel limits per request and gRPC limits per message: data rates of quiet streams, and the scheme some clients send.</summary>
    public static KestrelServerOptions UseGrpcDefaults(this KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true; // clients on plaintext sockets send :scheme https
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 5000; // a long poll holds a stream, and clients share one connection for all of theirs
        return kestrel;
    }
}
