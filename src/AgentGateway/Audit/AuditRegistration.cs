using Castellan.AgentGateway.Audit.Delivery;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Endpoints;
using Castellan.Audit.Transparency;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit;

/// <summary>What works on the log beside the calls: numbering and signing it, and taking it elsewhere.</summary>
internal static class AuditRegistration
{
    private static readonly TimeSpan CollectorPatience = TimeSpan.FromSeconds(30);

    internal static IServiceCollection AddAudit(this IServiceCollection services, AuditSettings settings)
    {
        services.AddSingleton(settings).AddSingleton<TransparencyLog>().AddSingleton<AuditSequencer>().AddSingleton<AuditDelivery>();
        services.AddSingleton<LogRetention>().AddSingleton<AuditRetentionLoop>().AddSingleton<RetentionEndpoints>();
        if (settings.OtlpEndpoint.Length > 0)
        {
            services.AddSingleton<IAuditSink>(s => new OtlpLogSink(settings, new HttpClient { Timeout = CollectorPatience }, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<OtlpLogSink>>()));
        }

        return settings.DenialEvents ? services.AddDenialEvents() : services;
    }

    private static IServiceCollection AddDenialEvents(this IServiceCollection services)
    {
        services.AddSingleton(s => new EventRecorder(s.GetRequiredService<KubeConnection>(), "castellan-gateway", log: s.GetRequiredService<ILogger<EventRecorder>>()));
        return services.AddSingleton<IAuditSink>(s =>
        {
            var (catalog, recorder) = (s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<EventRecorder>());
            return new DenialEventSink(catalog.Agents.Find, (agent, reason, message) => recorder.Record(agent, EventType.Warning, reason, message), s.GetRequiredService<TimeProvider>());
        });
    }
}
