using System.Net;
using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Access;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Workflows;
using Castellan.Audit.Transparency;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Hosting;

/// <summary>
/// The two listeners. They are two web applications, not two ports of one: no route of the edge can be reached from the workload
/// listener, nor the other way round.
/// </summary>
internal static class GatewayListeners
{
    /// <summary>Agents: mutual TLS; the calls of the peer, and its task hub or, on Dapr, what its own sidecar shall do. This application also holds the gateway's services.</summary>
    internal static WebApplication BuildWorkload(GatewaySetup setup, Store store, EmbeddedSidecar sidecar, NoteSigner auditKey, ILoggerFactory logs)
    {
        var builder = Builder(logs);
        builder.Services.AddGateway(setup, store, sidecar, auditKey);
        builder.Services.AddCallWorker(setup, sidecar);
        builder.Services.AddSingleton(_ => new DeniedPeers(setup.Denials, logs.CreateLogger<DeniedPeers>()));
        var authorizer = SpiffeAuthorizer.InTrustDomain(TrustDomain.Parse(setup.Options.TrustDomain));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Limit(kestrel);
            kestrel.Listen(IPEndPoint.Parse(setup.Options.WorkloadAddress), listen =>
                listen.UseHttps(SpiffeTls.Server(
                    setup.Identity, authorizer, setup.Clock, logs.CreateLogger(typeof(SpiffeTls).FullName!), kestrel.ApplicationServices.GetRequiredService<DeniedPeers>(),
                    peer => kestrel.ApplicationServices.GetRequiredService<AccessRecords>().Post(TurnedAway.At(peer)))));
        });
        var app = builder.Build();
        app.UseProblemAnswers(logs.CreateLogger("Castellan.AgentGateway.Workload"));
        app.UseRouting();
        app.Use(app.Services.GetRequiredService<WorkloadDoor>().PassAsync);
        app.Services.GetRequiredService<CallEndpoints>().Map(app);
        app.Services.GetRequiredService<RefusedPeerEndpoints>().Map(app);
        if (setup.Options.Workflows.Backend == WorkflowBackend.Dapr)
        {
            app.Services.GetRequiredService<RunCommandEndpoints>().Map(app);
        }
        else
        {
            sidecar.MapGrpc(app, WorkloadPeer.HubOf);
        }

        return app;
    }

    /// <summary>People: TLS and a bearer token; the command line's API. The MCP hosts are mapped into it.</summary>
    internal static WebApplication BuildEdge(GatewaySetup setup, IServiceProvider gateway, ILoggerFactory logs)
    {
        var builder = Builder(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Limit(kestrel);
            kestrel.Listen(IPEndPoint.Parse(setup.Options.EdgeAddress), listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => setup.EdgeCertificate()));
        });
        var app = builder.Build();
        app.UseProblemAnswers(logs.CreateLogger("Castellan.AgentGateway.Edge"));
        app.UseRouting();
        app.Use(gateway.GetRequiredService<EdgeDoor>().PassAsync);
        gateway.GetRequiredService<RunEndpoints>().Map(app);
        gateway.GetRequiredService<ToolEndpoints>().Map(app);
        gateway.GetRequiredService<ApprovalEndpoints>().Map(app);
        gateway.GetRequiredService<AuditEndpoints>().Map(app);
        gateway.GetRequiredService<RetentionEndpoints>().Map(app);
        gateway.GetRequiredService<WorkflowEndpoints>().Map(app);
        gateway.GetRequiredService<TransparencyEndpoints>().Map(app);
        gateway.GetRequiredService<Budgets.BudgetEndpoints>().Map(app);
        return app;
    }

    internal static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static WebApplicationBuilder Builder(ILoggerFactory logs)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Services.AddSingleton(logs);
        builder.Services.ConfigureHttpJsonOptions(json => GatewayApiJson.Apply(json.SerializerOptions));
        return builder;
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBodySize = 16 << 20;
        kestrel.Limits.MaxConcurrentConnections = 10_000;
    }
}
