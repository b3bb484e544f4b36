using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController;
using Castellan.KubeClient;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// Alone in a cluster: the pod's own service account, options from the environment (Controller__Gateway and so on), probes on their own port.
var builder = WebApplication.CreateSlimBuilder(args);
var options = builder.Configuration.GetSection(AgentControllerOptions.Section).Get<AgentControllerOptions>() ?? new AgentControllerOptions();
var probes = IPAddress.Parse(builder.Configuration[WorkloadEnvironment.PodIp] ?? IPAddress.Loopback.ToString());
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(probes, WorkloadPorts.Probes));
builder.Services.AddSingleton(_ => new KubeConnection(KubeConfig.Default()));
builder.Services.AddAgentController(options, s => s.GetRequiredService<KubeConnection>());

var app = builder.Build();
var controller = app.Services.GetRequiredService<AgentControllerHost>();
app.MapGet("/healthz", () => Results.Ok());
app.MapGet("/readyz", () => controller.Ready.IsCompletedSuccessfully ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
await app.RunAsync();
return 0;
