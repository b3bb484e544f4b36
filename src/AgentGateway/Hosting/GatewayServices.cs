using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Access;
using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Delegations;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Egress;
using Castellan.AgentGateway.Endpoints;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Integrity;
using Castellan.AgentGateway.Mcp;
using Castellan.AgentGateway.Metering;
using Castellan.AgentGateway.Policies;
using Castellan.AgentGateway.Requests;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Audit;
using Castellan.AgentGateway.Workflows;
using Castellan.Audit;
using Castellan.Audit.Transparency;
using Castellan.Models;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Hosting;

/// <summary>The gateway's parts, feature by feature.</summary>
internal static class GatewayServices
{
    internal static IServiceCollection AddGateway(this IServiceCollection services, GatewaySetup setup, Store store, EmbeddedSidecar sidecar, NoteSigner auditKey)
    {
        services.AddSingleton(setup.Options).AddSingleton(setup.Kube).AddSingleton(setup.Identity).AddSingleton(setup.Clock);
        services.AddSingleton(TrustDomain.Parse(setup.Options.TrustDomain)).AddSingleton(store).AddSingleton(sidecar);
        services.AddSingleton(_ => auditKey).AddAudit(setup.Options.Audit);
        services.AddSingleton<AccessRecords>().AddHostedService(provider => provider.GetRequiredService<AccessRecords>());
        services.AddSingleton<WorkloadDoor>().AddSingleton<EdgeDoor>().AddSingleton<RefusedPeerEndpoints>();
        services.AddSingleton<AuditLog>().AddSingleton<TokenAuthenticator>().AddSingleton<AccessCheck>();
        services.AddSingleton<ClusterCatalog>().AddSingleton<ToolCatalog>().AddSingleton<ToolServerHandlers>().AddSingleton<ToolServerLinks>().AddSingleton<ToolServerReport>().AddSingleton<ToolDiscovery>().AddIntegrity();
        services.AddSingleton(setup.Egress ?? new EgressGuard(setup.Options.Egress)).AddSingleton<GatewaySecrets>();
        services.AddDelegations(setup).AddSingleton<CallFacts>().AddSingleton<PolicyInForce>().AddSingleton<PolicyRecorder>().AddBudgets();
        services.AddCalls().AddRuns(setup.Options.Workflows.Backend);
        services.AddSingleton<ClientAuthorities>().AddSingleton<ApproverCheck>().AddSingleton<ApprovalDesk>();
        services.AddSingleton<GatewayGauges>().AddSingleton<UserToolCalls>().AddSingleton<McpEdge>().AddSingleton<ServerEdge>();
        services.AddSingleton<WorkflowHubs>().AddSingleton<RemoteRuns>().AddSingleton<WorkflowRecords>().AddSingleton<WorkflowEndpoints>();
        services.AddSingleton<CallEndpoints>().AddSingleton<RunEndpoints>().AddSingleton<ApprovalEndpoints>().AddSingleton<AuditEndpoints>().AddSingleton<TransparencyEndpoints>();
        return services;
    }

    private static IServiceCollection AddCalls(this IServiceCollection services)
    {
        services.AddSingleton(s => new ModelClients(s.GetRequiredService<GatewaySecrets>().ReadAsync,
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Microsoft.Extensions.Logging.ILoggerFactory>(), s.GetRequiredService<EgressGuard>().CreateHandler()));
        services.AddSingleton<CallTickets>().AddSingleton<CallLedger>().AddSingleton<CallIntake>().AddSingleton<CallCommits>().AddSingleton<CallDesk>();
        return services.AddSingleton<EffectRecheck>().AddSingleton<WaitingClients>().AddSingleton<ToolRequests>().AddSingleton<ToolEffectCall>().AddSingleton<ModelEffectCall>().AddSingleton<EffectAttempts>();
    }

    /// <summary>Without a token exchange there are no tokens, and links send none.</summary>
    private static IServiceCollection AddDelegations(this IServiceCollection services, GatewaySetup setup)
    {
        services.AddSingleton<Delegator>();
        return setup.TokenExchange is { } exchange
            ? services.AddSingleton(_ => new TokenExchangeClient(exchange.Endpoint, exchange.Authority, setup.Identity, setup.Clock)).AddSingleton<DelegationRecords>().AddSingleton<DelegationTokens>()
            : services;
    }

    private static IServiceCollection AddRuns(this IServiceCollection services, WorkflowBackend backend)
    {
        services.AddSingleton<RunFeed>().AddSingleton<RunDirectory>().AddSingleton<RunLedger>();
        if (backend == WorkflowBackend.Dapr)
        {
            services.AddSingleton<RunCommandQueue>().AddSingleton<RunCommandEndpoints>().AddSingleton<IRunHubs, RelayedRunHubs>();
        }
        else
        {
            services.AddSingleton<IRunHubs, EmbeddedRunHubs>();
        }

        return services.AddSingleton<RunWatch>().AddSingleton<AgentOffers>().AddSingleton<RunStart>();
    }
}
