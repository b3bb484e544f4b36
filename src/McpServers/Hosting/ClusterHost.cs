using System.Security.Claims;
using Castellan.AgentApi.Workloads;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Mcp;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.McpServers.Hosting;

/// <summary>The process of a Cluster tool server: MCP at <c>/mcp</c> over mutual TLS, for the gateway alone, and probes.</summary>
internal static class ClusterHost
{
    /// <param name="arguments">What the controller said.</param>
    /// <param name="kube">The API server, as this pod's service account.</param>
    /// <param name="identity">This pod's identity; <see langword="null"/> takes it from the Workload API.</param>
    /// <param name="ports">Ports for mutual TLS and probes.</param>
    public static WebApplication Build(ClusterArguments arguments, KubeConfig kube, IX509Source? identity = null, (int Mtls, int Probes)? ports = null)
    {
        var builder = ServiceHost.CreateBuilder();
        if (identity is null) builder.AddWorkloadIdentity();
        else builder.AddWorkloadIdentity(identity);
        var (mtls, probes) = ports ?? (WorkloadPorts.Mtls, WorkloadPorts.Probes);
        builder.ListenMtls(arguments.PodIp, mtls, SpiffeAuthorizer.Exactly(arguments.GatewayId));
        builder.AddProbes(arguments.PodIp, probes);
        builder.Services.AddSingleton(services => new KubeConnection(kube, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new ClusterServer(
            services.GetRequiredService<KubeConnection>(), arguments.Options, services.GetRequiredService<ILogger<ClusterServer>>()));
        builder.Services.AddSingleton(services => CreateHost(services, arguments.GatewayId));
        var app = builder.Build();
        app.Services.GetRequiredService<McpHttpHost>().Map(app, "/mcp");
        return app;
    }

    private static McpHttpHost CreateHost(IServiceProvider services, SpiffeId gateway)
    {
        var server = services.GetRequiredService<ClusterServer>();
        var options = new McpHttpOptions
        {
            Authenticate = (http, _) => ValueTask.FromResult(Authenticate(http, gateway)),
            FindTool = (_, name, _) => ValueTask.FromResult(server.Find(name)),
        };
        options.AllowedHosts.Add("*"); // peers are told apart by SPIFFE ID; pods have no names that browsers know
        return new(server.ToServerOptions(), options, services.GetRequiredService<ILoggerFactory>(), services, services.GetRequiredService<TimeProvider>());
    }

    // The listener refuses every other peer in the handshake already; what follows trusts the delegation in the request, so it is checked here again.
    private static McpAuthentication Authenticate(HttpContext http, SpiffeId gateway)
    {
        if (http.PeerSpiffeId() is not { } peer) return McpAuthentication.Unauthenticated("no X.509-SVID was shown; connect through the gateway");
        if (peer != gateway) return McpAuthentication.Forbidden($"{peer} may not call this server; only {gateway} may");
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", peer.ToString())], "X509-SVID"));
        return McpAuthentication.Accept(user, peer.ToString(), peer);
    }
}
