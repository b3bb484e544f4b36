using Castellan.Rpc;
using Castellan.Workflows.Hosting;

namespace Castellan.Workflows.Client;

/// <summary>Sidecars say that a token is wrong, each in its own words, but not whose or where it is set.</summary>
internal static class RefusedToken
{
    public static RpcException At(Uri sidecar, RpcException error) => new(
        StatusCode.Unauthenticated,
        $"the sidecar at {sidecar} refuses this process's token ({error.Message}); set {DaprEndpoint.Token} to the token that the sidecar was started with", error);
}
