using System.Net;
using Castellan.KubeClient;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeServer;
using Castellan.SpiffeServer.Exchange;
using Castellan.SpiffeServer.Oidc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

return await ServiceHost.RunAsync(_ =>
{
    var builder = ServiceHost.CreateBuilder();
    builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
    {
        ["--trust-domain"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.TrustDomain)}",
        ["--data-dir"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.DataDirectory)}",
        ["--bundle-endpoint"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.BundleEndpoint)}",
        ["--key-encryption-key"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.KeyEncryptionKeyFile)}",
        ["--upstream-certificate"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.UpstreamCertificateFile)}",
        ["--upstream-key"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.UpstreamKeyFile)}",
        ["--upstream-bundle"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.UpstreamBundleFile)}",
        ["--operator-socket"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.OperatorSocket)}",
        ["--bundle-endpoint-certificate"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.BundleEndpointCertificateFile)}",
        ["--bundle-endpoint-key"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.BundleEndpointKeyFile)}",
        ["--federation-ca"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.FederationCaFile)}",
        ["--pod-api"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.PodApi)}",
        ["--pod-token-audience"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.PodTokenAudience)}",
        ["--oidc-issuer"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Oidc)}:{nameof(OidcOptions.Issuer)}",
        ["--oidc-endpoint"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Oidc)}:{nameof(OidcOptions.Endpoint)}",
        ["--oidc-certificate"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Oidc)}:{nameof(OidcOptions.CertificateFile)}",
        ["--oidc-key"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Oidc)}:{nameof(OidcOptions.KeyFile)}",
        ["--token-exchange"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Exchange)}:{nameof(ExchangeOptions.Endpoint)}",
        ["--probes"] = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Probes)}",
    });
    var options = builder.Configuration.GetSection(SpiffeServerOptions.Section).Get<SpiffeServerOptions>() ?? new();
    if (options.Faults().ToList() is { Count: > 0 } faults)
    {
        throw new OptionsValidationException(SpiffeServerOptions.Section, typeof(SpiffeServerOptions), faults);
    }

    if (IPEndPoint.TryParse(options.Probes, out var probes))
    {
        builder.AddProbes(probes.Address, probes.Port);
    }

    builder.Services.AddSingleton(options);
    // With a cluster it also federates and serves pods; alone on a machine it has none to ask.
    var kube = options.PodApi.Length > 0 || Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is not null ? new KubeConnection(KubeConfig.Default()) : null;
    builder.Services.AddHostedService(services => new SpiffeServerProcess(options, kube, services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>()));
    return Task.FromResult(builder.Build());
}, "castellan-spiffe-server");
