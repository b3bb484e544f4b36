using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Informers;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Identity;

/// <summary>On a cluster: keeps the list of denied identities as the SPIFFE server publishes it.</summary>
/// <remarks>A line that is no SPIFFE ID denies nobody and is logged; while nothing is published (SPIRE's mode) nobody is denied.</remarks>
internal sealed partial class DenialFeed(KubeConnection kube, DenialList denials, ILoggerFactory logs) : BackgroundService
{
    private static readonly InformerOptions s_published = new() { Namespace = WorkloadNames.SystemNamespace, FieldSelector = $"metadata.name={TrustConfig.ConfigMap}" };
    private readonly ILogger _logger = logs.CreateLogger<DenialFeed>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var published = new Informer<ConfigMap>(kube, s_published, logs.CreateLogger<Informer<ConfigMap>>());
        using var subscription = published.Subscribe(_ => Read(published));
        await published.RunAsync(stoppingToken);
    }

    private void Read(Informer<ConfigMap> published)
    {
        var map = published.Find(new NamespacedName(WorkloadNames.SystemNamespace, TrustConfig.ConfigMap));
        var denied = new List<SpiffeId>();
        foreach (var line in (map?.Data?.TryGetValue(TrustConfig.DeniedKey, out var text) is true ? text : "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (SpiffeId.TryParse(line, out var id))
            {
                denied.Add(id);
            }
            else
            {
                NotAnId(_logger, line);
            }
        }

        denials.Set(denied);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Line}' in the list of denied identities is no SPIFFE ID; whom it means nobody can tell")]
    private static partial void NotAnId(ILogger logger, string line);
}
