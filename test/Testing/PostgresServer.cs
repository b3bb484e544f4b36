using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Npgsql;

namespace Castellan.Testing;

/// <summary>
/// A private PostgreSQL server on a socket in a folder of its own, with fsync on. It ends, and its folder goes, with this process, however that
/// ends: a guard beside it waits for our end of a pipe to close.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "s3cret-Of-Tests";
    private const string User = "castellan";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<PostgresServer>> Common = new(StartAsync);

    private readonly string _folder;
    private readonly string _programs;
    private readonly Process _guard;
    private Process? _server;
    private int _databases;

    private PostgresServer(string folder, string programs, Process guard)
    {
        _folder = folder;
        _programs = programs;
        _guard = guard;
    }

    /// <summary>The server that the tests of this process share. Do not stop it.</summary>
    public static Task<PostgresServer> SharedAsync() => Common.Value;

    public static async Task<PostgresServer> StartAsync()
    {
        var programs = FindPrograms();
        var folder = Directory.CreateTempSubdirectory("cpg-").FullName; // short: a socket's path has at most 107 bytes
        var password = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(password, Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", "nobody", folder); // the server refuses to run as root
        }

        // The folder goes when the guard's input closes; whatever still runs from it is ended first.
        var guard = Start("sh", ["-c", """trap "" TERM INT HUP; cat > /dev/null; [ ! -f "$1/data/postmaster.pid" ] || kill -QUIT "$(head -1 "$1/data/postmaster.pid")"; while ! rm -rf "$1" 2> /dev/null; do sleep 0.1; done""", "sh", folder], asUser: true);
        var server = new PostgresServer(folder, programs, guard);
        await server.InitialiseAsync(password);
        await server.RunAgainAsync();
        return server;
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(Connection("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return Connection(name);
    }

    public string Connection(string database, string? password = null) => $"Host={_folder};Database={database};Username={User};Password={password ?? Password}";

    /// <summary>Stops the server: at once and without a checkpoint, as a crash does, or ending its sessions first.</summary>
    public async Task StopAsync(bool crash)
    {
        if (_server is null)
        {
            return;
        }

        await RunAsync("kill", crash ? "-QUIT" : "-INT", _server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    /// <summary>Starts it again on the same data.</summary>
    public async Task RunAgainAsync()
    {
        var lines = Channel.CreateUnbounded<string>();
        var log = new StringBuilder();
        var server = Start(Path.Combine(_programs, "postgres"), ["-D", Path.Combine(_folder, "data"), "-k", _folder, "-c", "listen_addresses=", "-c", "fsync=on",
            "-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "logging_collector=off"], asUser: true);
        server.ErrorDataReceived += (_, line) =>
        {
            lock (log)
            {
                log.AppendLine(line.Data);
            }

            if (line.Data?.Contains("ready to accept connections", StringComparison.Ordinal) is true)
            {
                lines.Writer.TryWrite(line.Data);
            }
            else if (line.Data is null)
            {
                lines.Writer.TryComplete();
            }
        };
        server.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await lines.Reader.ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            lock (log)
            {
                throw new InvalidOperationException($"the PostgreSQL server did not start: {log}", e);
            }
        }

        _server = server;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(crash: true);
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private Task InitialiseAsync(string password) => RunAsync(Path.Combine(_programs, "initdb"), asUser: true,
        "-D", Path.Combine(_folder, "data"), "-U", User, "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions");

    private static string FindPrograms()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache");
        string[] roots = ["/usr/lib/postgresql", Path.Combine(cache, "castellan/debian/root/usr/lib/postgresql")];
        return roots.Where(Directory.Exists).SelectMany(root => Directory.GetDirectories(root)).Select(version => Path.Combine(version, "bin"))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("there is no PostgreSQL server; run scripts/prerequisites test, or install the package postgresql");
    }

    private static Task RunAsync(string program, params string[] arguments) => RunAsync(program, asUser: false, arguments);

    private static async Task RunAsync(string program, bool asUser, params string[] arguments)
    {
        using var process = Start(program, arguments, asUser);
        process.StandardInput.Close();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
        }
    }

    private static Process Start(string program, string[] arguments, bool asUser)
    {
        string[] all = asUser && Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        start.Environment["LC_ALL"] = "C";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
