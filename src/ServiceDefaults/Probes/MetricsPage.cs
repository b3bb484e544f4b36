using System.Security.Cryptography;
using System.Text;
using Castellan.Telemetry.Prometheus;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Castellan.ServiceDefaults.Probes;

/// <summary>
/// The metrics of this process for a Prometheus. They name agents, tool servers, models and policies, and no person and no secret. Who may read
/// them is a matter of network policy, or of a bearer token where <see cref="TokenFileSetting"/> names a file with one.
/// </summary>
public sealed class MetricsPage(IConfiguration settings) : IDisposable
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/metrics";

    /// <summary>Setting that names a file with the token which a reader must show; read at every request, so that it may be renewed.</summary>
    public const string TokenFileSetting = "Telemetry:MetricsTokenFile";

    private const string Scheme = "Bearer ";
    private readonly PrometheusCollector _collector = new();

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (settings[TokenFileSetting] is { Length: > 0 } file && !IsAllowed(context, await TokenAsync(file, context.RequestAborted).ConfigureAwait(false)))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        var openMetrics = context.Request.Headers.Accept.ToString().Contains("application/openmetrics-text", StringComparison.Ordinal);
        context.Response.ContentType = openMetrics ? PrometheusText.OpenMetricsContentType : PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(_collector.Write(openMetrics), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Ends the collection.</summary>
    public void Dispose() => _collector.Dispose();

    // A file that cannot be read, or is empty, lets nobody in.
    private static async Task<string> TokenAsync(string file, CancellationToken ct)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, ct).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool IsAllowed(HttpContext context, string token)
    {
        var shown = context.Request.Headers.Authorization.ToString();
        return token.Length > 0 && shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown[Scheme.Length..].Trim()), Encoding.UTF8.GetBytes(token));
    }
}
