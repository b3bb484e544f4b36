using System.Diagnostics;
using System.Security.Cryptography;

namespace Castellan.Testing;

/// <summary>Official clients from npm: installed once per lock file into the cache, with the scripts that use them beside.</summary>
public static class NpmPackages
{
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Installs what <c>test/PROJECT/npm/package-lock.json</c> pins and copies that folder's scripts next to it.</summary>
    /// <param name="project">Name of the test project.</param>
    /// <param name="ct">Ends the installation.</param>
    /// <returns>The folder to run <c>node</c> in.</returns>
    /// <exception cref="InvalidOperationException">npm is missing or failed: a missing client fails the test, it does not skip it.</exception>
    public static async Task<string> InstallAsync(string project, CancellationToken ct = default)
    {
        var source = Path.Combine(Repository.Root, "test", project, "npm");
        var pinned = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"), ct)))[..16];
        var target = Path.Combine(CacheFolder(), "npm", $"{project}-{pinned}");
        await OneAtATime.WaitAsync(ct);
        try
        {
            Directory.CreateDirectory(target);
            foreach (var file in Directory.EnumerateFiles(source))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
            }
            if (!File.Exists(Path.Combine(target, ".installed")))
            {
                await RunAsync(target, ct);
                await File.WriteAllTextAsync(Path.Combine(target, ".installed"), "", ct);
            }
            return target;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task RunAsync(string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using var npm = Process.Start(start) ?? throw new InvalidOperationException("npm did not start; install Node.js 20 or later");
        var output = npm.StandardOutput.ReadToEndAsync(ct);
        var errors = npm.StandardError.ReadToEndAsync(ct);
        await npm.WaitForExitAsync(ct);
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm ci in {folder} failed; is the registry reachable?\n{await output}\n{await errors}");
        }
    }

    private static string CacheFolder() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".cache"), "castellan");
}
