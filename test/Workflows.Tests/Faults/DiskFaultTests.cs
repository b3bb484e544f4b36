using System.Diagnostics;
using Castellan.Storage;

namespace Castellan.Workflows.Tests.Faults;

/// <summary>Disks that fill and files that are taken away. Nothing that was accepted is lost, and what is refused is refused in words.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Disk_WhenTheFileMayNotGrow_RefusesStartsAndLosesNothing()
    {
        // Without the trap the kernel would end the process.
        using var process = Start(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", .. ThisAssembly("disk", _folder.Path)]);
        await FillAndFreeAsync(process, () => LimitAsync(process, "6291456"), () => LimitAsync(process, "unlimited"));
    }

    [Fact]
    public async Task Disk_WhenItIsFull_RefusesStartsAndLosesNothing()
    {
        // A file system of its own needs root; where it cannot be had, a file that may not grow is the same fault by other means.
        var disk = Directory.CreateDirectory(_folder.File("disk")).FullName;
        var mounted = await TryAsync("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk);
        using var process = Start(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", .. ThisAssembly("disk", disk)]);
        try
        {
            await FillAndFreeAsync(process,
                () => mounted ? Task.CompletedTask : LimitAsync(process, "4194304"),
                () => mounted ? RunAsync("mount", "-o", "remount,size=256m", disk) : LimitAsync(process, "unlimited"));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            if (mounted)
            {
                await RunAsync("umount", disk);
            }
        }
    }

    [Fact]
    public async Task Store_WhenItsFileIsReadOnly_IsRefusedWithAReason()
    {
        await using (await OpenAsync())
        {
        }

        File.SetUnixFileMode(_folder.File("store.db"), UnixFileMode.UserRead);
        // Root may write what it may not write, unless it gives that power up.
        string[] powerless = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : [];
        using var process = Start([.. powerless, .. ThisAssembly("open", _folder.Path)]);
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("StoreException", said);
        Assert.Contains("permissions", said);
    }

    [Fact]
    public async Task Store_WhenItsFileIsMovedAndPutBack_HasLostNothingItAccepted()
    {
        var path = _folder.File("store.db");
        var accepted = new List<string>();
        await using (var store = await OpenAsync())
        await using (var sidecar = await EmbeddedSidecar.StartAsync(store, new(), CancellationToken.None))
        {
            await StartSomeAsync(sidecar, accepted, "before");
            File.Move(path, path + ".away");
            await StartSomeAsync(sidecar, accepted, "away");
            File.Move(path + ".away", path);
            await StartSomeAsync(sidecar, accepted, "after");
        }

        await using var again = await OpenAsync();
        await using var reopened = await EmbeddedSidecar.StartAsync(again, new(), CancellationToken.None);
        var page = await reopened.Hub("disk").CreateClient().ListInstanceIdsAsync();
        Assert.Equal(accepted.Order(), page.InstanceIds.Order());
        Assert.Contains(accepted, id => id.StartsWith("after", StringComparison.Ordinal));
    }

    private static async Task StartSomeAsync(EmbeddedSidecar sidecar, List<string> accepted, string name)
    {
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await sidecar.Hub("disk").CreateClient().ScheduleNewWorkflowAsync("any", $"{name}{i}", new string('x', 5000));
                accepted.Add($"{name}{i}");
            }
            catch (StoreException)
            {
                // refused, so not promised
            }
        }
    }

    private static async Task FillAndFreeAsync(Process process, Func<Task> limitAsync, Func<Task> freeAsync)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(150));
        using var kill = limit.Token.Register(process.Kill);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var ready = await process.StandardOutput.ReadLineAsync(CancellationToken.None);
        Assert.True(ready == "ready", $"it ended: {(ready is null ? await errors : ready)}");
        await limitAsync();
        await process.StandardInput.WriteLineAsync("fill");
        var full = await process.StandardOutput.ReadLineAsync(CancellationToken.None);
        Assert.True(full is not null, $"it ended: {(full is null ? await errors : "")}");
        Assert.Matches("^full after [1-9][0-9]*: StoreUnavailableException: .*(free disk space|try again)", full);
        await freeAsync();
        await process.StandardInput.WriteLineAsync("free");
        var rest = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{full} {rest} {await errors}");
        Assert.StartsWith("done", rest);
    }

    private Task<Store> OpenAsync() => Store.OpenAsync(new() { Location = StoreLocation.Sqlite(_folder.File("store.db")), Migrations = [EmbeddedSidecar.Schema] }, CancellationToken.None);

    // Of each file, in bytes: what a quota is.
    private static Task LimitAsync(Process process, string bytes) => RunAsync("prlimit", $"--pid={process.Id}", $"--fsize={bytes}:");

    private static string[] ThisAssembly(params string[] arguments) => ["dotnet", "exec", typeof(DiskFaultTests).Assembly.Location, .. arguments];

    private static Process Start(params string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<bool> TryAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static async Task RunAsync(params string[] command) => Assert.True(await TryAsync(command), string.Join(' ', command));
}
