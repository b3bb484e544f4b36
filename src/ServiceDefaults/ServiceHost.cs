using Castellan.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Castellan.ServiceDefaults;

/// <summary>How every host process of ours begins and ends.</summary>
public static class ServiceHost
{
    /// <summary>Settings come from environment variables that begin so: <c>CASTELLAN_Gateway__ToolCallTimeoutSeconds</c>.</summary>
    public const string SettingPrefix = "CASTELLAN_";

    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A builder with Kestrel, routing, one-line console logs in UTC and settings from the environment; it reads no file and opens no
    /// listener that is not asked for.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "castellan" });
        builder.Configuration.AddEnvironmentVariables(SettingPrefix);
        AddConsole(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ProcessExit>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_stopTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder;
    }

    /// <summary>The console log of every host: one line per entry, UTC, no colours; the entries of frameworks from Warning up.</summary>
    public static void AddConsole(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical); // the probe's answer tells it
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        logging.AddFilter("ModelContextProtocol", LogLevel.Warning);
    }

    /// <summary>
    /// Runs a process from its first line to its exit code: hardens it, builds the application, serves until SIGTERM or SIGINT, and
    /// stops in order (requests in flight get 20 s).
    /// </summary>
    /// <param name="build">Builds the application; whatever it throws is told on standard error.</param>
    /// <param name="service">Name under which its telemetry is exported, if the environment asks for that.</param>
    /// <returns>0 after an ordinary stop, what a service set in <see cref="ProcessExit"/>, or 1 when the process could not start or broke.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<WebApplication>> build, string service = "castellan")
    {
        try
        {
            ProcessHardening.MakeUndumpable();
            using var telemetry = TelemetryExport.Start(service);
            await using var app = await build(CancellationToken.None).ConfigureAwait(false);
            await app.StartAsync().ConfigureAwait(false);
            await app.WaitForShutdownAsync().ConfigureAwait(false);
            return app.Services.GetService<ProcessExit>()?.Code ?? 0;
        }
        catch (Exception e)
        {
            foreach (var problem in Problems(e))
            {
                await Console.Error.WriteLineAsync("error: " + problem).ConfigureAwait(false);
            }

            return 1;
        }
    }

    /// <summary>What to tell of a failed start: all faults of options, messages of what we know, the whole of what we do not.</summary>
    internal static IEnumerable<string> Problems(Exception error) => error switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Problems),
        OptionsValidationException options => options.Failures,
        IOException or UnauthorizedAccessException or FormatException => [error.Message],
        _ when error.GetType().Namespace?.StartsWith("Castellan", StringComparison.Ordinal) == true => [error.Message],
        _ => [error.ToString()],
    };
}
