using Castellan.AgentApi.Workloads;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Access;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Mcp;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.McpServers.Hosting;

/// <summary>The process of a Cluster tool server: MCP at <c>/mcp</c> over mutual TLS, for the gateway alone, and probes.</summary>
internal static class ClusterHost
{
    /// <param name="arguments">What the controller said.</param>
    /// <param name="kube">The API server, as this pod's service account.</param>
    /// <param name="identity">This pod's identity; <see langword="null"/> takes it from the Workload API.</param>
    /// <param name="bundles">The keys of tokens, with <paramref name="identity"/>.</param>
    /// <param name="ports">Ports for mutual TLS and probes.</param>
    public static WebApplication Build(ClusterArguments arguments, KubeConfig kube, IX509Source? identity = null, IJwtBundleSource? bundles = null, (int Mtls, int Probes)? ports = null)
    {
        var builder = ServiceHost.CreateBuilder();
        if (identity is null) builder.AddWorkloadIdentity();
        else builder.AddWorkloadIdentity(identity).Services.AddSingleton(bundles!);
        var (mtls, probes) = ports ?? (WorkloadPorts.Mtls, WorkloadPorts.Probes);
        builder.ListenMtls(arguments.PodIp, mtls, SpiffeAuthorizer.Exactly(arguments.GatewayId));
        builder.ReportRefusedPeers(arguments.Gateway, arguments.GatewayId);
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
        var admission = new GatewayAdmission(gateway, services.GetRequiredService<IX509Source>(), services.GetRequiredService<IJwtBundleSource>(), services.GetRequiredService<TimeProvider>());
        var options = new McpHttpOptions
        {
            Authenticate = (http, _) => ValueTask.FromResult(admission.Admit(http)),
            FindTool = (_, name, _) => ValueTask.FromResult(server.Find(name)),
        };
        options.AllowedHosts.Add("*"); // peers are told apart by SPIFFE ID; pods have no names that browsers know
        return new(server.ToServerOptions(), options, services.GetRequiredService<ILoggerFactory>(), services, services.GetRequiredService<TimeProvider>());
    }
}
