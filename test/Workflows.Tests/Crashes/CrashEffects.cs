using Castellan.Storage;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>An effect that must not repeat: a line appended to a file, guarded by a claim in a store of its own.</summary>
internal sealed class CrashEffects
{
    private static readonly MigrationSet Claims = new("claim", ["create table claim(key text primary key, outcome text) without rowid"]);
    private readonly Store _store;
    private readonly FileStream _file;
    private readonly SemaphoreSlim _permits = new(0);

    private CrashEffects(Store store, FileStream file)
    {
        _store = store;
        _file = file;
    }

    public static string FileOf(string folder) => Path.Combine(folder, "effects.log");

    public static async Task<CrashEffects> OpenAsync(string folder) => new(
        await CrashRoles.OpenAsync(Path.Combine(folder, "claims.db"), Claims),
        new FileStream(FileOf(folder), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));

    /// <summary>Lets as many effects happen as the lines of the input say, so that a test can kill in the middle of them.</summary>
    public async Task ReadPermitsAsync()
    {
        using var input = new StreamReader(Console.OpenStandardInput()); // Console.In would block
        while (await input.ReadLineAsync() is { } line)
        {
            _permits.Release(int.Parse(line));
        }
    }

    public void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, string[]>("five", async (context, number) =>
        {
            var outcomes = new string[CrashRoles.Steps];
            for (var step = 0; step < outcomes.Length; step++)
            {
                outcomes[step] = await context.CallActivityAsync<string>("effect", $"{number}/{step}");
            }

            return outcomes;
        });
        options.RegisterActivity<string, string>("effect", (_, key) => RunAsync(key));
    }

    private async Task<string> RunAsync(string key)
    {
        const string Known = "select outcome is not null, outcome from claim where key = $1";
        var known = await _store.ReadAsync(view => view.First(Known, row => row.GetBoolean(0) ? row.GetString(1) : "unknown", key), CancellationToken.None);
        if (known is not null)
        {
            return known;
        }

        await _permits.WaitAsync();
        known = await _store.WriteAsync(unit =>
        {
            var claimed = unit.First(Known, row => row.GetBoolean(0) ? row.GetString(1) : "unknown", key);
            if (claimed is null)
            {
                unit.Execute("insert into claim(key) values($1)", key);
            }

            return claimed;
        }, CancellationToken.None);
        if (known is not null)
        {
            return known;
        }

        await _file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(key + "\n"));
        await _store.WriteAsync(unit => unit.Execute("update claim set outcome = 'done' where key = $1", key), CancellationToken.None);
        Console.WriteLine(key);
        return "done";
    }
}
