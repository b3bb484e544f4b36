using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Issuance;

namespace Castellan.SpiffeIdentity;

/// <summary>The methods between the agent in a pod and the authority's server.</summary>
internal static class IssuanceMethods
{
    public const string Service = "castellan.identity.v1.Issuance";

    /// <summary>Carries the pod's token: <c>Bearer …</c>.</summary>
    public const string TokenHeader = "authorization";

    public const string TokenScheme = "Bearer ";

    public static readonly GrpcMethod<SignX509Request, SignX509Response> SignX509 = new(Service, "SignX509", SignX509Request.Parser, SignX509Response.Parser);

    public static readonly GrpcMethod<SignJwtRequest, SignJwtResponse> SignJwt = new(Service, "SignJwt", SignJwtRequest.Parser, SignJwtResponse.Parser);

    public static readonly GrpcMethod<WatchRequest, WatchResponse> Watch = new(Service, "Watch", WatchRequest.Parser, WatchResponse.Parser);
}
