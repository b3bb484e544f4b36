using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Cli.Resources;

namespace Castellan.Cli.Local;

/// <summary>How far a daemon has come.</summary>
internal enum DaemonPhase
{
    Starting,
    Ready,
    Failed,
}

/// <summary>What a daemon says of itself in <see cref="StatePaths.State"/>; the other commands find it by this file.</summary>
internal sealed record DaemonState
{
    public required int ProcessId { get; init; }

    /// <summary>Clock ticks since boot at which the process started (field 22 of /proc/PID/stat): tells a reused pid from the daemon.</summary>
    public required long ProcessStart { get; init; }

    public required DaemonPhase Phase { get; init; }

    /// <summary>The step under way, or what went wrong and what to do.</summary>
    public string Message { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Milliseconds from process start to <see cref="DaemonPhase.Ready"/>.</summary>
    public int? ReadyAfterMilliseconds { get; init; }

    /// <summary>The embedded API server, for example <c>https://127.0.0.1:16443</c>.</summary>
    public string? ApiServer { get; init; }

    /// <summary>The gateway's edge listener.</summary>
    public string? Gateway { get; init; }

    /// <summary>PEM of the authority that signed both servers' certificates.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Model that agents of the examples use in place of their runbook, as <c>up --model</c> asked. Never its key.</summary>
    public ModelOverride? Model { get; init; }

    /// <summary>Where metrics are read; null when none are served.</summary>
    public string? Metrics { get; init; }

    private const ulong ExitingFlag = 0x4; // PF_EXITING, include/linux/sched.h
    private const ulong KillBit = 1UL << (9 - 1); // SIGKILL in the masks of proc(5) status

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The state of the daemon that runs on these paths; null if none does.</summary>
    public static DaemonState? ReadRunning(StatePaths paths) => Read(paths) is { } state && state.IsRunning ? state : null;

    /// <summary>The state last written, whether or not its process still runs; null if there is none or it is not readable as state.</summary>
    public static DaemonState? Read(StatePaths paths)
    {
        try
        {
            return JsonSerializer.Deserialize<DaemonState>(File.ReadAllBytes(paths.State), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // no daemon ever, or a file that a crash left half written: either way nothing to talk to
        }
    }

    /// <summary>Replaces the file in one step, so that a reader sees the old state or the new one.</summary>
    public void Write(StatePaths paths)
    {
        var temporary = paths.State + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, Json));
        File.Move(temporary, paths.State, overwrite: true);
    }

    [JsonIgnore]
    public bool IsRunning => StartOf(ProcessId) == ProcessStart;

    /// <summary>Start time of a process in clock ticks since boot; null if it does not exist or is on its way out.</summary>
    public static long? StartOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the command name before it may hold spaces
            var isExiting = fields[0] == "Z" || (ulong.Parse(fields[6], CultureInfo.InvariantCulture) & ExitingFlag) != 0 || IsKilled(processId);
            return isExiting ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A large process that got SIGKILL on a busy machine still exists for a while.
    private static bool IsKilled(int processId) => File.ReadLines($"/proc/{processId}/status")
        .Where(line => line.StartsWith("SigPnd:", StringComparison.Ordinal) || line.StartsWith("ShdPnd:", StringComparison.Ordinal))
        .Any(line => (ulong.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & KillBit) != 0);

    public static DaemonState OfThisProcess(DaemonPhase phase, string message, TimeProvider time) => new()
    {
        ProcessId = Environment.ProcessId,
        ProcessStart = StartOf(Environment.ProcessId) ?? throw new InvalidOperationException("/proc is not mounted; local mode needs Linux with /proc"),
        Phase = phase,
        Message = message,
        StartedAt = new DateTimeOffset(Process.GetCurrentProcess().StartTime.ToUniversalTime(), TimeSpan.Zero),
    };
}
