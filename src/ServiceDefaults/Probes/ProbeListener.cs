using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Castellan.ServiceDefaults.Probes;

/// <summary>
/// Plain HTTP for the kubelet's probes on a port of its own: <c>/healthz</c> (the process answers) and <c>/readyz</c> (every health
/// check of the services passes and no stop is under way); and <c>/metrics</c> for a Prometheus. Nothing else is served there, and these are
/// served nowhere else.
/// </summary>
public static class ProbeListener
{
    /// <summary>The port that pods answer probes on.</summary>
    public const int DefaultPort = 8081;

    private static readonly object s_mark = new();

    /// <summary>Opens the listener.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="address">The pod's IP, or loopback.</param>
    /// <param name="port">0 takes any free port.</param>
    public static WebApplicationBuilder AddProbes(this WebApplicationBuilder builder, IPAddress address, int port = DefaultPort)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<MetricsPage>();
        builder.Services.AddSingleton<IStartupFilter, ProbeFilter>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Items[s_mark] = s_mark;
                return next(connection);
            });
        }));
        return builder;
    }

    /// <summary>Stands before everything else, so that a connection to the probes' port reaches nothing but the probes.</summary>
    private sealed class ProbeFilter(HealthCheckService checks, IHostApplicationLifetime lifetime, MetricsPage metrics) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(following => context => IsProbe(context) ? AnswerAsync(context) : following(context));
            next(app);
        };

        private static bool IsProbe(HttpContext context) =>
            context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(s_mark) == true;

        private async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Path.Value == MetricsPage.Path)
            {
                await metrics.AnswerAsync(context).ConfigureAwait(false);
                return;
            }

            var (status, text) = context.Request.Path.Value switch
            {
                "/healthz" => (StatusCodes.Status200OK, "ok"),
                "/readyz" => await ReadinessAsync(context.RequestAborted).ConfigureAwait(false),
                _ => (StatusCodes.Status404NotFound, "only /healthz, /readyz and /metrics are served here"),
            };
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(text + "\n", context.RequestAborted).ConfigureAwait(false);
        }

        private async Task<(int Status, string Text)> ReadinessAsync(CancellationToken ct)
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return (StatusCodes.Status503ServiceUnavailable, "stopping");
            }

            var report = await checks.CheckHealthAsync(ct).ConfigureAwait(false);
            var problems = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description}").ToList();
            return problems.Count == 0
                ? (StatusCodes.Status200OK, "ok")
                : (StatusCodes.Status503ServiceUnavailable, string.Join("\n", problems));
        }
    }
}
