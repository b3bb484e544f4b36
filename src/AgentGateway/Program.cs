using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.KubeClient;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// Alone in a cluster: the pod's service account, its SVID from the Workload API, the edge's certificate from a mounted Secret.
return await ServiceHost.RunAsync(_ =>
{
    var builder = ServiceHost.CreateBuilder();
    var options = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
    options.Workflows = builder.Configuration.GetSection(WorkflowSettings.Section).Get<WorkflowSettings>() ?? new WorkflowSettings();
    var files = builder.Configuration.GetSection(EdgeCertificateFiles.Section).Get<EdgeCertificateFiles>() ?? new EdgeCertificateFiles();
    builder.AddWorkloadIdentity();
    builder.AddProbes(IPAddress.Parse(builder.Configuration[WorkloadEnvironment.PodIp] ?? Environment.GetEnvironmentVariable(WorkloadEnvironment.PodIp) ?? "127.0.0.1"));
    builder.Services.AddSingleton(_ => new KubeConnection(KubeConfig.Default()));
    builder.Services.AddSingleton(files);
    var denials = new DenialList();
    builder.Services.AddHostedService(services => new DenialFeed(services.GetRequiredService<KubeConnection>(), denials, services.GetRequiredService<ILoggerFactory>()));
    builder.Services.AddAgentGateway(services => new GatewaySetup
    {
        Options = options,
        Kube = services.GetRequiredService<KubeConnection>(),
        Identity = services.GetRequiredService<IX509Source>(),
        Denials = denials,
        EdgeCertificate = files.Load,
        TokenExchange = options.TokenExchange.Length > 0
            ? new(new Uri(options.TokenExchange), SpiffeId.ForServiceAccount(TrustDomain.Parse(options.TrustDomain), WorkloadNames.SystemNamespace, WorkloadNames.Authority))
            : null,
    });
    return Task.FromResult(builder.Build());
}, "castellan-gateway");
