using System.Diagnostics;

namespace Castellan.Testing;

/// <summary>Prometheus' own checker of metrics and queries, of Debian's package prometheus.</summary>
public static class Promtool
{
    /// <summary>Parses metrics and lints them.</summary>
    /// <exception cref="InvalidOperationException">It found a fault; the message says which.</exception>
    public static Task CheckMetricsAsync(string text) => RunAsync(text, "check", "metrics");

    /// <summary>Parses a file of rules.</summary>
    /// <exception cref="InvalidOperationException">It found a fault; the message says which.</exception>
    public static async Task CheckRulesAsync(string yaml)
    {
        var file = Path.Combine(Path.GetTempPath(), $"castellan-rules-{Guid.NewGuid():N}.yaml");
        try
        {
            await File.WriteAllTextAsync(file, yaml);
            await RunAsync("", "check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task RunAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Find(), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(deadline.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"promtool {string.Join(' ', arguments)} says {await output}{await errors}");
    }

    private static string Find()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "", ".cache");
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append(Path.Combine(cache, "castellan/debian/root/usr/bin")).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("promtool is not there; run scripts/prerequisites test");
    }
}
