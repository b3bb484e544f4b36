using Castellan.Workflows.Hosting;

namespace Castellan.Workflows.Client;

/// <summary>Where the sidecar of a worker and client is. What is not set comes from DAPR_GRPC_ENDPOINT, DAPR_GRPC_PORT and DAPR_API_TOKEN.</summary>
public sealed class DaprWorkflowClientBuilder
{
    private string? _endpoint;
    private string? _token;

    /// <summary>Sets the address, for example <c>https://dapr.example:443</c>.</summary>
    public DaprWorkflowClientBuilder UseGrpcEndpoint(string grpcEndpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(grpcEndpoint);
        _endpoint = grpcEndpoint;
        return this;
    }

    /// <summary>Sets what is sent as <c>dapr-api-token</c>.</summary>
    public DaprWorkflowClientBuilder UseDaprApiToken(string? apiToken)
    {
        _token = apiToken;
        return this;
    }

    internal TaskHubEndpoint Build(Func<string, string?> setting) => DaprEndpoint.From(key => key switch
    {
        DaprEndpoint.Endpoint => _endpoint ?? setting(key),
        DaprEndpoint.Token => _token ?? setting(key),
        _ => setting(key),
    });
}
