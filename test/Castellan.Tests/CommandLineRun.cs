using System.Diagnostics;

namespace Castellan.Cli.Tests;

/// <summary>The built command, run as a user would.</summary>
internal static class CommandLineRun
{
    public static async Task<(int ExitCode, string Text)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "castellan"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await errors).TrimEnd());
    }
}
