using System.Net;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Access;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeAgent.Stdio;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Castellan.SpiffeAgent.Proxy;

/// <summary>
/// Mutual TLS in front of a tool server that knows none: lets in the gateway alone, or whom it was told to, and serves <c>/mcp</c> from a server on loopback or
/// from a command on standard input and output.
/// </summary>
internal static class ProxyHost
{
    public const string Path = "/mcp";

    /// <summary>The proxy's application. Probes answer from the start; <c>/readyz</c> once there is an SVID and the server behind answers.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="identity">Our SVID; null takes it from the Workload API of <c>SPIFFE_ENDPOINT_SOCKET</c>.</param>
    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    public static WebApplication Build(ProxyOptions options, IX509Source? identity = null)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException("proxy", typeof(ProxyOptions), faults);
        }

        var builder = ServiceHost.CreateBuilder();
        var address = IPAddress.Parse(options.Address);
        builder.AddProbes(address, options.ProbePort);
        _ = identity is null ? builder.AddWorkloadIdentity() : builder.AddWorkloadIdentity(identity);
        builder.ListenMtls(address, options.MtlsPort, options.Peers);
        if (SpiffeId.TryParse(options.GatewayId, out var gatewayId)) builder.ReportRefusedPeers(options.Gateway, gatewayId);
        if (options.Upstream is { } upstream)
        {
            builder.Services.AddSingleton(new UpstreamForwarder(new Uri(upstream)));
            builder.Services.AddHealthChecks().AddCheck<UpstreamReadiness>("upstream");
            var forwarding = builder.Build();
            forwarding.Map(Path, forwarding.Services.GetRequiredService<UpstreamForwarder>().ForwardAsync);
            return forwarding;
        }

        builder.Services.AddSingleton(new StdioCommand(options.Command));
        builder.Services.AddSingleton<StdioBridge>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StdioBridge>());
        builder.Services.AddHealthChecks().AddCheck<StdioReadiness>("command");
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<StdioBridge>().ServeAsync);
        return app;
    }
}
