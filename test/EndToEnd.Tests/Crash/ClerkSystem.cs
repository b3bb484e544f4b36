using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeClient;
using Castellan.Testing;

namespace Castellan.EndToEnd.Tests.Crash;

/// <summary>A local system with an agent that writes: to a ledger (a file that a foreign tool server appends to) and to a Deployment.</summary>
internal sealed class ClerkSystem : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _folder;

    private ClerkSystem(LocalSystem system, string folder)
    {
        System = system;
        _folder = folder;
    }

    public LocalSystem System { get; }

    private string Ledger => Path.Combine(_folder, "ledger");

    public static async Task<ClerkSystem> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("castellan-clerk-").FullName;
        var clerk = new ClerkSystem(await LocalSystem.StartAsync(), folder);
        try
        {
            await clerk.ApplyAsync();
            return clerk;
        }
        catch
        {
            await clerk.DisposeAsync();
            throw;
        }
    }

    // As root every pod has a uid of its own: the tool server must reach its packages and its ledger.
    private async Task ApplyAsync()
    {
        const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_folder, everybody);
        await File.WriteAllTextAsync(Ledger, "");
        File.SetUnixFileMode(Ledger, everybody | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        var packages = Path.Combine(_folder, "packages");
        CopyFolder(await NpmPackages.InstallAsync("EndToEnd.Tests"), packages);
        var manifest = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "test", "EndToEnd.Tests", "Crash", "clerk.yaml"));
        var file = Path.Combine(_folder, "clerk.yaml");
        await File.WriteAllTextAsync(file, manifest.Replace("@PACKAGES@", packages, StringComparison.Ordinal).Replace("@LEDGER@", Ledger, StringComparison.Ordinal));
        (await System.RunAsync("apply", "-f", file, "--wait")).MustSucceed();
    }

    /// <summary>How often a line stands in the ledger.</summary>
    public long Lines(string line) => File.ReadLines(Ledger).LongCount(l => l == line);

    /// <summary>Counts the changes of the Deployment's spec.</summary>
    public async Task<long> GenerationAsync()
    {
        using var kube = new KubeConnection(KubeConfig.Load(Path.Combine(System.State, "kubeconfig")));
        return (await kube.GetAsync<Deployment>(new NamespacedName("yard", "crane"))).Metadata.Generation ?? 0;
    }

    public async Task<List<JsonNode>> RunsAsync() => [.. (await System.JsonAsync("runs", "list")).AsArray().Select(r => r!)];

    /// <summary>All runs, once none is running.</summary>
    public async Task<List<JsonNode>> EndedRunsAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var runs = await RunsAsync();
            if (runs.All(r => (string)r["state"]! != "Running"))
            {
                return runs;
            }
            Assert.False(deadline.IsCancellationRequested, $"a run did not end: {string.Join('\n', runs.Select(r => r.ToJsonString()))}");
            await Task.Delay(200);
        }
    }

    /// <summary>Approves what asks for it, as a person would: again when the system did not answer.</summary>
    public async Task ApproveUntilAsync(Func<bool> ended)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!ended())
        {
            Assert.False(deadline.IsCancellationRequested, "the run did not end in time");
            var pending = await System.RunAsync("approvals", "list", "-o", "json");
            if (pending.ExitCode == 0)
            {
                foreach (var call in JsonNode.Parse(pending.Output)!.AsArray())
                {
                    await System.RunAsync("approve", (string)call!["callId"]!, "--as", "approver");
                }
            }
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
