using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Informers;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Federation;

/// <summary>Federation as a running thing: watches FederatedTrustDomains and fetches their bundles until disposed.</summary>
internal sealed class FederationLoop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ControllerLoop<FederatedTrustDomain> _loop;
    private readonly Task _running;

    private FederationLoop(InformerSet informers, FederationReconciler reconciler, Informer<FederatedTrustDomain> resources, KubeConnection kube, ILoggerFactory loggers)
    {
        _loop = new ControllerLoop<FederatedTrustDomain>(reconciler, kube.Time, log: loggers.CreateLogger<ControllerLoop<FederatedTrustDomain>>()).For(resources);
        _running = Task.WhenAll(informers.RunAsync(_stop.Token), _loop.RunAsync(_stop.Token), ForgetAsync(informers, reconciler, _stop.Token));
    }

    /// <summary>Puts in force what was kept, and begins.</summary>
    public static FederationLoop Start(Authority authority, SpiffeServerOptions options, KubeConnection kube, ILoggerFactory loggers)
    {
        var holdings = new FederationHoldings(authority, new(Path.Combine(options.DataDirectory, "federation")));
        holdings.Restore();
        X509Certificate2Collection? roots = null;
        if (options.FederationCaFile.Length > 0)
        {
            roots = [];
            roots.ImportFromPemFile(options.FederationCaFile);
        }

        var informers = new InformerSet(kube, loggers);
        var resources = informers.For<FederatedTrustDomain>();
        var source = new FederationSource(authority, new BundleClient(roots, kube.Time));
        var reconciler = new FederationReconciler(resources, source, new(kube), holdings, loggers.CreateLogger<FederationReconciler>());
        return new(informers, reconciler, resources, kube, loggers);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop.Dispose();
        _stop.Dispose();
    }

    private static async Task ForgetAsync(InformerSet informers, FederationReconciler reconciler, CancellationToken ct)
    {
        await informers.WaitForSyncAsync(ct).ConfigureAwait(false);
        reconciler.ForgetUnnamed();
    }
}
