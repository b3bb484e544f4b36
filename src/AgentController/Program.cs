using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Leases;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.ServiceDefaults.Telemetry;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

// Alone in a cluster: the pod's own service account, options from the environment (CASTELLAN_Controller__Gateway and so on), one of several replicas leads.
return await ServiceHost.RunAsync(_ =>
{
    var builder = ServiceHost.CreateBuilder();
    var address = Environment.GetEnvironmentVariable(WorkloadEnvironment.PodIp) is { } ip ? IPAddress.Parse(ip) : IPAddress.Loopback;
    builder.AddProbes(address, WorkloadPorts.Probes);
    builder.Services.AddOptions<AgentControllerOptions>().BindConfiguration(AgentControllerOptions.Section)
        .Configure<IConfiguration>((options, settings) => settings.GetSection(WorkflowSettings.Section).Bind(options.Workflows))
        .PostConfigure(options => options.PodTelemetry = options.PodTelemetry.Count > 0 ? options.PodTelemetry : TelemetryEnvironment.ForPods(new ConfigurationBuilder().AddEnvironmentVariables().Build())).Check();
    builder.Services.AddSingleton(_ => new KubeConnection(KubeConfig.Default()));
    if (Environment.GetEnvironmentVariable(WorkloadEnvironment.SpiffeSocket) is { Length: > 0 })
    {
        builder.AddWorkloadIdentity();
    }
    builder.Services.AddAgentController(s =>
    {
        var (kube, logs) = (s.GetRequiredService<KubeConnection>(), s.GetRequiredService<ILoggerFactory>());
        var identity = Environment.GetEnvironmentVariable(WorkloadEnvironment.PodName) ?? Environment.MachineName;
        var lease = new NamespacedName(kube.Config.Namespace, "castellan-controller");
        var election = new LeaderElection(kube, lease, identity, log: logs.CreateLogger<LeaderElection>());
        return new AgentControllerHost(kube, s.GetRequiredService<IOptions<AgentControllerOptions>>().Value, logs, election, s.GetService<IX509Source>());
    });
    return Task.FromResult(builder.Build());
}, "castellan-controller");
