using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Castellan.Testing;

namespace Castellan.EndToEnd.Tests.Conformance;

/// <summary>A local system with the suite's fixture as a tool server, and <c>castellan proxy</c> in front of that server's endpoint.</summary>
public sealed class ConformanceSystem : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-conformance-").FullName;
    private LocalSystem? _system;
    private Process? _proxy;

    /// <summary>What the proxy printed: the address to give to any MCP client.</summary>
    public Uri Address { get; private set; } = null!;

    public LocalSystem System => _system!;

    public async Task InitializeAsync()
    {
        _system = await LocalSystem.StartAsync();
        try
        {
            await ApplyAsync();
            await DiscoveredAsync();
            _proxy = _system.Start("proxy", "--server", "default/fixture");
            using var deadline = new CancellationTokenSource(Patience);
            Address = new Uri(await _proxy.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new InvalidOperationException(await _proxy.StandardError.ReadToEndAsync(deadline.Token)));
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        if (_proxy is { } proxy)
        {
            proxy.Kill();
            await proxy.WaitForExitAsync();
            proxy.Dispose();
        }

        await _system!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // As root every pod has a uid of its own, which must reach the program.
    private async Task ApplyAsync()
    {
        const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_folder, everybody);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory.Replace("EndToEnd.Tests", "ConformanceServer", StringComparison.Ordinal)))
        {
            var copy = Path.Combine(_folder, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, everybody);
        }

        var manifest = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "test", "EndToEnd.Tests", "Conformance", "fixture.yaml"));
        var path = Path.Combine(_folder, "fixture.yaml");
        await File.WriteAllTextAsync(path, manifest
            .Replace("@SERVER@", Path.Combine(_folder, "conformance-server.dll"), StringComparison.Ordinal)
            .Replace("@PORT@", FreePort().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        (await System.RunAsync("apply", "-f", path, "--wait")).MustSucceed();
    }

    private async Task DiscoveredAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while ((await System.JsonAsync("get", "toolserver", "fixture"))["status"]?["toolCount"] is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, deadline.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>The classes that share one <see cref="ConformanceSystem"/>.</summary>
[CollectionDefinition(nameof(ConformanceSystem))]
public sealed class ConformanceCollection : ICollectionFixture<ConformanceSystem>;
