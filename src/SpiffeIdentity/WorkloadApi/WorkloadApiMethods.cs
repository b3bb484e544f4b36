using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity;

/// <summary>The methods of the Workload API, and the metadata that every call carries.</summary>
internal static class WorkloadApiMethods
{
    /// <summary>The standard gives the service no protobuf package.</summary>
    public const string Service = "SpiffeWorkloadAPI";

    /// <summary>Keeps callers who only can make a server send requests (SSRF) away from the socket.</summary>
    public const string SecurityHeader = "workload.spiffe.io";

    public static readonly GrpcMethod<X509SVIDRequest, X509SVIDResponse> FetchX509Svid =
        new(Service, "FetchX509SVID", X509SVIDRequest.Parser, X509SVIDResponse.Parser);

    public static readonly GrpcMethod<X509BundlesRequest, X509BundlesResponse> FetchX509Bundles =
        new(Service, "FetchX509Bundles", X509BundlesRequest.Parser, X509BundlesResponse.Parser);

    public static readonly GrpcMethod<JWTSVIDRequest, JWTSVIDResponse> FetchJwtSvid =
        new(Service, "FetchJWTSVID", JWTSVIDRequest.Parser, JWTSVIDResponse.Parser);

    public static readonly GrpcMethod<JWTBundlesRequest, JWTBundlesResponse> FetchJwtBundles =
        new(Service, "FetchJWTBundles", JWTBundlesRequest.Parser, JWTBundlesResponse.Parser);

    public static readonly GrpcMethod<ValidateJWTSVIDRequest, ValidateJWTSVIDResponse> ValidateJwtSvid =
        new(Service, "ValidateJWTSVID", ValidateJWTSVIDRequest.Parser, ValidateJWTSVIDResponse.Parser);
}
